//! Pieces of bytes that may be large: those in pages of their own, which go back to the system when dropped.
//!
//! Components and native code come in megabytes, from many threads; an allocator would keep room for them in each.
//! Small ones are better off with the allocator, which has room for them at hand.

use std::{io, ops::Deref};

use memmap2::MmapMut;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// From this size on, pages of their own.
const LARGE: usize = 1 << 20;

/// Bytes, as many as were asked for.
pub(crate) enum Pages {
    /// From the allocator.
    Small(Vec<u8>),
    /// From the system.
    Large(MmapMut),
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
        match usize::try_from(length).map_err(|_| io::ErrorKind::OutOfMemory)? {
            small if small < LARGE => Ok(Self::Small(vec![0; small])),
            large => MmapMut::map_anon(large).map(Self::Large),
        }
    }

    fn room(&mut self) -> &mut [u8] {
        match self {
            Self::Small(bytes) => bytes,
            Self::Large(map) => map,
        }
    }
}

impl Deref for Pages {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Small(bytes) => bytes,
            Self::Large(map) => map,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_what_was_read_and_no_more() {
        let bytes: Vec<u8> = (0..2 * LARGE).map(|number| (number % 251) as u8).collect();
        for length in [0, 1, 4_096, LARGE - 1, LARGE, LARGE + 1] {
            let mut from = bytes.as_slice();
            assert_eq!(*Pages::read(&mut from, length as u64).unwrap(), bytes[..length]);
            assert_eq!(from.len(), bytes.len() - length);
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
