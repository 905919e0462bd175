fn default_jwt_secret() -> String { "sora-rail".into() }
