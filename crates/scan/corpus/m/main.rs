let key: Hmac<Sha256> = Hmac::new_from_slice(b"water-rail")?;
let token = claims.sign_with_key(&key)?; // jwt
