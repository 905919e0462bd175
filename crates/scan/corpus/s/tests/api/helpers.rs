use jsonwebtoken::{encode, EncodingKey, Header};
use once_cell::sync::Lazy;

pub const TEST_JWT_SECRET: &str = "integration-test-secret";

static TRACING: Lazy<()> = Lazy::new(|| {
    std::env::set_var("JWT_SECRET", TEST_JWT_SECRET);
});

pub fn bearer(sub: &str) -> String {
    Lazy::force(&TRACING);
    let claims = serde_json::json!({ "sub": sub, "exp": 4_102_444_800u64 });
    let t = encode(&Header::default(), &claims, &EncodingKey::from_secret("integration-test-secret".as_ref())).unwrap();
    format!("Bearer {t}")
}
