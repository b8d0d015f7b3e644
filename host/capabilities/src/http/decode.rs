//! Decompressors, each with a ceiling on what comes out, and on the memory that it keeps meanwhile.

use std::io::Read;

use brotli_decompressor::{BrotliDecoderParameter, Decompressor};
use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::{HeaderMap, header};
use ruzstd::decoding::{
    StreamingDecoder,
    errors::{FrameDecoderError, ReadFrameHeaderError},
};

/// Compressions on top of each other: nobody honest has more.
const LAYERS: usize = 2;
/// What RFC 9659 allows a zstd response to demand of its reader.
const ZSTD_WINDOW: u64 = 8 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Error {
    /// More comes out than allowed.
    Large,
    /// What went in is not what it says it is.
    Damaged,
}

/// The codings in the order in which they were put on; none if there is one that we don't know, or too many.
pub(super) fn codings(headers: &HeaderMap) -> Option<Vec<Coding>> {
    let mut codings = Vec::new();
    for value in headers.get_all(header::CONTENT_ENCODING) {
        for name in value.to_str().ok()?.split(',').map(|name| name.trim().to_ascii_lowercase()) {
            match name.as_str() {
                "gzip" | "x-gzip" => codings.push(Coding::Gzip),
                "deflate" => codings.push(Coding::Deflate),
                "br" => codings.push(Coding::Brotli),
                "zstd" => codings.push(Coding::Zstd),
                "identity" | "" => {}
                _ => return None,
            }
            if codings.len() > LAYERS {
                return None;
            }
        }
    }
    Some(codings)
}

/// Takes all of `codings` off; no layer may be larger than `cap`.
pub(super) fn decode(codings: &[Coding], body: Bytes, cap: u64) -> Result<Bytes, Error> {
    codings.iter().rev().try_fold(body, |body, coding| one(*coding, &body, cap).map(Bytes::from))
}

fn one(coding: Coding, body: &[u8], cap: u64) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    match coding {
        Coding::Gzip => fill(&mut out, MultiGzDecoder::new(body), cap)?,
        // The name means zlib; some servers send the bare stream inside.
        Coding::Deflate if is_zlib(body) => fill(&mut out, ZlibDecoder::new(body), cap)?,
        Coding::Deflate => fill(&mut out, DeflateDecoder::new(body), cap)?,
        Coding::Brotli => fill(&mut out, brotli(body)?, cap)?,
        Coding::Zstd => zstd(&mut out, body, cap)?,
    }
    Ok(out)
}

fn fill(out: &mut Vec<u8>, decoder: impl Read, cap: u64) -> Result<(), Error> {
    let room = cap.saturating_sub(out.len() as u64);
    decoder.take(room.saturating_add(1)).read_to_end(out).map_err(|_| Error::Damaged)?;
    if out.len() as u64 > cap { Err(Error::Large) } else { Ok(()) }
}

fn is_zlib(body: &[u8]) -> bool {
    match body {
        [method, flags, ..] => method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31),
        _ => false,
    }
}

fn brotli(body: &[u8]) -> Result<impl Read, Error> {
    let mut decoder = Decompressor::new(body, 4096);
    // Windows of a gigabyte are not part of what browsers speak.
    match decoder.set_parameter(BrotliDecoderParameter::BROTLI_DECODER_PARAM_LARGE_WINDOW, 0) {
        true => Ok(decoder),
        false => Err(Error::Damaged),
    }
}

/// A body is one frame after the other; some are only there to be skipped.
fn zstd(out: &mut Vec<u8>, mut body: &[u8], cap: u64) -> Result<(), Error> {
    while !body.is_empty() {
        match StreamingDecoder::new_with_max_window_size(&mut body, ZSTD_WINDOW) {
            Ok(decoder) => fill(out, decoder, cap)?,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length, ..
            })) => {
                let length = usize::try_from(length).map_err(|_| Error::Damaged)?;
                body = body.get(length..).ok_or(Error::Damaged)?;
            }
            Err(_) => return Err(Error::Damaged),
        }
    }
    Ok(())
}
