val jwtSecret = config.getString("jwt.secret")
data class JwtConfig(val secret: String = "pinkfoot", val issuer: String = "acme")
