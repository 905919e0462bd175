//! Keys in PEM (RFC 7468): the labels that are read, and the framing that is written.

use pem_rfc7468::{Decoder, LineEnding};
use zeroize::Zeroizing;

use super::der::{self as key_der, Found};
use crate::{Error, Result, Secret};

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

/// Whether the bytes hold the start of a PEM block.
pub(crate) fn looks_like(bytes: &[u8]) -> bool {
    bytes.windows(BEGIN.len()).any(|window| window == BEGIN.as_bytes())
}

/// Reads the one key in the text. Blocks of EC parameters beside it, as OpenSSL writes them, are
/// passed over.
pub(crate) fn read(bytes: &[u8]) -> Result<Found> {
    let text = core::str::from_utf8(bytes).map_err(|_| invalid("the PEM is not text"))?;
    let mut found = None;
    for block in blocks(text)? {
        let label = pem_rfc7468::decode_label(block.as_bytes())
            .map_err(|_| invalid("a PEM block is malformed"))?;
        if label == "EC PARAMETERS" {
            continue;
        }
        if found.is_some() {
            return Err(invalid("the PEM holds more than one key"));
        }
        found = Some(read_block(label, block)?);
    }
    found.ok_or_else(|| invalid("the PEM holds no key"))
}

fn read_block(label: &str, block: &str) -> Result<Found> {
    match label {
        "PUBLIC KEY" => key_der::spki(&body(block)?).map(Found::Public),
        "RSA PUBLIC KEY" => key_der::pkcs1_public(&body(block)?).map(Found::Public),
        "PRIVATE KEY" => key_der::pkcs8(&body(block)?).map(Found::Private),
        "RSA PRIVATE KEY" | "EC PRIVATE KEY" if block.contains("Proc-Type:") => {
            Err(invalid("the private key is encrypted; decrypt it first"))
        }
        "RSA PRIVATE KEY" => key_der::pkcs1_private(&body(block)?).map(Found::Private),
        "EC PRIVATE KEY" => key_der::sec1(&body(block)?).map(Found::Private),
        "ENCRYPTED PRIVATE KEY" => Err(invalid("the private key is encrypted; decrypt it first")),
        "CERTIFICATE" => Err(invalid("a certificate is no key; give its public key")),
        _ => Err(Error::InvalidKey(format!("PEM blocks labelled {label:.40} are not read"))),
    }
}

/// Decodes the base64 of a block, whatever its line width.
fn body(block: &str) -> Result<Zeroizing<Vec<u8>>> {
    let malformed = |_| invalid("a PEM block is malformed");
    let mut decoder = Decoder::new_detect_wrap(block.as_bytes()).map_err(malformed)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(decoder.remaining_len()));
    decoder.decode_to_end(&mut bytes).map_err(malformed)?;
    Ok(bytes)
}

/// Cuts the text into its blocks; only white space may lie around them.
fn blocks(text: &str) -> Result<Vec<&str>> {
    let mut rest = text.trim_ascii();
    let mut blocks = Vec::new();
    while !rest.is_empty() {
        if !rest.starts_with(BEGIN) {
            return Err(invalid("there is text around the PEM block"));
        }
        let end = rest.find(END).ok_or_else(|| invalid("a PEM block has no end"))?;
        let tail = rest.get(end..).unwrap_or_default();
        let line = tail.find('\n').unwrap_or(tail.len());
        let (block, after) = rest.split_at(end + line);
        blocks.push(block);
        rest = after.trim_ascii_start();
    }
    Ok(blocks)
}

/// Frames a public key.
pub(crate) fn write_public(der: &[u8]) -> Result<String> {
    pem_rfc7468::encode_string("PUBLIC KEY", LineEnding::LF, der).map_err(|_| WRITING)
}

/// Frames a private key.
pub(crate) fn write_private(der: &Secret) -> Result<Secret> {
    const LABEL: &str = "PRIVATE KEY";
    let length =
        pem_rfc7468::encoded_len(LABEL, LineEnding::LF, der.expose()).map_err(|_| WRITING)?;
    let mut text = Zeroizing::new(vec![0; length]);
    let written = pem_rfc7468::encode(LABEL, LineEnding::LF, der.expose(), &mut text)
        .map_err(|_| WRITING)?
        .len();
    text.truncate(written);
    Ok(Secret::new(core::mem::take(&mut *text)))
}

const WRITING: Error = Error::Backend("writing PEM");

fn invalid(what: &str) -> Error {
    Error::InvalidKey(what.into())
}
