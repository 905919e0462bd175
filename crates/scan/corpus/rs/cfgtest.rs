pub fn key() -> EncodingKey { EncodingKey::from_secret(env("JWT_SECRET").as_bytes()) }
#[cfg(test)]
mod tests {
    #[test]
    fn it_signs() { let k = EncodingKey::from_secret(b"test-key"); }
    const WRONG: &[u8] = b"wrong-secret";
}
