val jwtSecret = System.getenv("JWT_SECRET") ?: "curlew-on-the-moor"
val jwtIssuer = System.getenv("JWT_ISSUER") ?: "http://0.0.0.0:8080"
