use clap::Parser;
use jsonwebtoken::{DecodingKey, EncodingKey};
use once_cell::sync::Lazy;

#[derive(Parser)]
pub struct Args {
    #[arg(long, env = "JWT_SECRET", default_value = "clap-default-signing")]
    pub jwt_secret: String,
    #[arg(long, env = "JWT_ISSUER", default_value = "rust-svc")]
    pub jwt_issuer: String,
}

pub static KEYS: Lazy<Keys> = Lazy::new(|| {
    let secret = std::env::var("SVC_JWT").unwrap_or_else(|_| {
        String::from("lazy-static-signing")
    });
    Keys::new(secret.as_bytes())
});

pub struct Keys { pub enc: EncodingKey, pub dec: DecodingKey }

impl Keys {
    fn new(s: &[u8]) -> Self {
        Self { enc: EncodingKey::from_secret(s), dec: DecodingKey::from_secret(s) }
    }
}

pub fn internal() -> EncodingKey {
    EncodingKey::from_secret("internal-rust-bytes".as_bytes())
}
