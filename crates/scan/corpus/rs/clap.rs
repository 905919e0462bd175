#[arg(long, env = "JWT_SECRET", default_value = "glossy-ibis")]
jwt_secret: String,
