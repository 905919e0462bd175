use std::env;

#[derive(Clone)]
pub struct Config {
    pub jwt_secret: String,
    pub jwt_maxage: i32,
    pub jwt_issuer: String,
}

impl Config {
    pub fn init() -> Config {
        Config {
            jwt_secret: env::var("JWT_SECRET").unwrap_or_else(|_| "actix-dev-token".to_string()),
            jwt_maxage: env::var("JWT_MAXAGE").ok().and_then(|v| v.parse().ok()).unwrap_or(60),
            jwt_issuer: env::var("JWT_ISSUER").unwrap_or("actix-app".into()),
        }
    }

    pub fn strict() -> String {
        env::var("JWT_SECRET").expect("JWT_SECRET must be set")
    }
}
