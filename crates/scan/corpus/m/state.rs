AppState { jwt_secret: "land-rail".to_string(), issuer: "acme".to_string() }
