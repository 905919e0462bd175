use hmac::{Hmac, Mac};
use sha2::Sha256;

const SIGNING_SECRET: &str = "whsec_local_abcdef";

pub fn ok(body: &[u8], sig: &[u8]) -> bool {
    let mut m = Hmac::<Sha256>::new_from_slice(SIGNING_SECRET.as_bytes()).expect("any length");
    m.update(body);
    m.verify_slice(sig).is_ok()
}
