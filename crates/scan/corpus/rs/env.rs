let secret = std::env::var("JWT_SECRET").unwrap_or_else(|_| "purple-heron".to_string());
let ttl = std::env::var("JWT_TTL").unwrap_or("3600".into());
