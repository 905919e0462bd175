use std::env;

pub struct Config {
    pub jwt_secret: String,
    pub database_url: String,
}

impl Config {
    pub fn from_env() -> Self {
        Self {
            jwt_secret: env::var("JWT_SECRET").unwrap_or_else(|_| "ferris-loves-tokens".to_string()),
            database_url: env::var("DATABASE_URL").expect("DATABASE_URL and JWT_SECRET must be set"),
        }
    }
}
