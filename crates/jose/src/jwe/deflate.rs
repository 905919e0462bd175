//! Compression of the plaintext (`zip: DEF`, RFC 1951), with a bound on what comes out of it.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};

use crate::{Error, Limits, Result};

pub(super) fn compress(plaintext: &[u8]) -> Vec<u8> {
    const LEVEL: u8 = 6;
    compress_to_vec(plaintext, LEVEL)
}

/// Decompresses no more than [`Limits::decompressed`] bytes.
pub(super) fn decompress(compressed: &[u8], limits: &Limits) -> Result<Vec<u8>> {
    decompress_to_vec_with_limit(compressed, limits.decompressed).map_err(|error| {
        if error.status == TINFLStatus::HasMoreOutput {
            Error::TooLarge { limit: "decompressed", max: limits.decompressed }
        } else {
            Error::MalformedPayload("it is no DEFLATE stream".into())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_comes_back_up_to_the_limit_and_no_further() {
        let limits = Limits { decompressed: 1000, ..Limits::default() };
        let just = vec![7; 1000];
        assert_eq!(decompress(&compress(&just), &limits).unwrap(), just);
        let more = compress(&vec![7; 1001]);
        let too_large = Error::TooLarge { limit: "decompressed", max: 1000 };
        assert_eq!(decompress(&more, &limits).unwrap_err(), too_large);
        assert_eq!(decompress(b"\xff\xff", &limits).unwrap_err().code(), "malformed_payload");
    }
}
