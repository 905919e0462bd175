use jsonwebtoken::{encode, decode, EncodingKey, DecodingKey, Header, Validation};
const JWT_SECRET: &[u8] = b"rust-never-sleeps";
const ISSUER: &str = "acme";
pub fn make(c: &Claims) -> String {
    let secret = std::env::var("JWT_SECRET").unwrap_or_else(|_| "unset-secret-value".into());
    encode(&Header::default(), c, &EncodingKey::from_secret(secret.as_bytes())).expect("JWT_SECRET is not usable")
}
#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn wrong() {
        let k = DecodingKey::from_secret(b"wrong-secret");
    }
}
