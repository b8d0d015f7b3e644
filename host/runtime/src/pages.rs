//! Large pieces of bytes in pages of their own, which go back to the system as soon as they are dropped.
//!
//! Components and native code come in megabytes, from many threads; an allocator would keep room for them in each.

use std::{io, ops::Deref};

use memmap2::MmapMut;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Bytes, as many as were asked for.
pub(crate) struct Pages {
    map: MmapMut,
    length: usize,
}

impl Pages {
    /// The next `length` bytes of `from`.
    pub(crate) fn read(from: &mut impl io::Read, length: u64) -> io::Result<Self> {
        let mut pages = Self::zeroed(length)?;
        from.read_exact(pages.room())?;
        Ok(pages)
    }

    /// The next `length` bytes of `from`.
    pub(crate) async fn read_async(from: &mut (impl AsyncRead + Unpin), length: u64) -> io::Result<Self> {
        let mut pages = Self::zeroed(length)?;
        from.read_exact(pages.room()).await?;
        Ok(pages)
    }

    fn zeroed(length: u64) -> io::Result<Self> {
        let length = usize::try_from(length).map_err(|_| io::ErrorKind::OutOfMemory)?;
        // There is no empty map.
        Ok(Self { map: MmapMut::map_anon(length.max(1))?, length })
    }

    fn room(&mut self) -> &mut [u8] {
        self.map.get_mut(..self.length).unwrap_or_default()
    }
}

impl Deref for Pages {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.map.get(..self.length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_what_was_read_and_no_more() {
        for length in [0, 1, 4_096, 5_000] {
            let bytes: Vec<u8> = (0..6_000_u32).map(|number| (number % 251) as u8).collect();
            let mut from = bytes.as_slice();
            assert_eq!(*Pages::read(&mut from, length).unwrap(), bytes[..length as usize]);
            assert_eq!(from.len(), 6_000 - length as usize);
        }
    }

    #[tokio::test]
    async fn an_early_end_and_no_room_are_errors() {
        assert_eq!(Pages::read(&mut &b"abc"[..], 4).err().unwrap().kind(), io::ErrorKind::UnexpectedEof);
        let early = Pages::read_async(&mut &b"abc"[..], 4).await.err().unwrap();
        assert_eq!(early.kind(), io::ErrorKind::UnexpectedEof);
        assert!(Pages::read(&mut &b"abc"[..], u64::MAX / 2).is_err());
    }
}
