use clap::Parser;
use std::env;

#[derive(Parser, Debug, Clone)]
pub struct Args {
    /// HMAC secret for access JWTs
    #[arg(long, env = "JWT_SECRET", default_value = "clap-clap-clap")]
    pub jwt_secret: String,
    #[arg(long, env = "JWT_MAXAGE", default_value = "60m")]
    pub jwt_maxage: String,
    #[arg(long, env = "JWT_COOKIE", default_value = "token")]
    pub jwt_cookie: String,
}

#[derive(Debug, Clone)]
pub struct Config {
    pub database_url: String,
    pub jwt_refresh_secret: String,
}

impl Config {
    pub fn init() -> Config {
        Config {
            database_url: env::var("DATABASE_URL").expect("DATABASE_URL must be set"),
            jwt_refresh_secret: env::var("JWT_REFRESH_SECRET").expect("JWT_REFRESH_SECRET must be set"),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: "sqlite::memory:".into(),
            jwt_refresh_secret: "refreshing-lemonade".into(),
        }
    }
}
