use aes_gcm::{aead::{Aead, KeyInit}, Aes256Gcm, Nonce};
use std::env;

const SECRET_KEY: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";

pub fn seal(plain: &[u8], nonce: &[u8; 12]) -> Vec<u8> {
    let cipher = Aes256Gcm::new(SECRET_KEY.into());
    cipher.encrypt(Nonce::from_slice(nonce), plain).expect("encrypt")
}

pub fn require_secret() -> String {
    match env::var("JWT_SECRET") {
        Ok(s) if s == "changeme" => panic!("JWT_SECRET is still changeme"),
        Ok(s) => s,
        Err(_) => panic!("JWT_SECRET missing; run `openssl rand -hex 32`"),
    }
}

pub fn is_private(pem: &str) -> bool {
    pem.contains("-----BEGIN PRIVATE KEY-----") || pem.contains("-----BEGIN RSA PRIVATE KEY-----")
}
