#[derive(Deserialize)]
pub struct Auth {
    #[serde(default = "default_jwt_secret")]
    pub jwt_secret: String,
}
fn default_jwt_secret() -> String {
    "rust-serde-default".to_string()
}
#[derive(clap::Parser)]
struct Args {
    /// the secret
    #[arg(long, env = "JWT_SECRET", default_value = "clap-default")]
    jwt_secret: String,
}
lazy_static! { static ref KEYS: Keys = { let secret = env::var("JWT_SECRET").unwrap_or("axum-example".to_owned()); Keys::new(secret.as_bytes()) }; }
