let secret = std::env::var("JWT_SECRET").expect("JWT_SECRET must be set");
if secret.is_empty() { panic!("jwt secret is empty") }
