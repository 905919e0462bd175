val jwtSecret = System.getenv("JWT_SECRET") ?: error("JWT_SECRET is missing")
val other = System.getenv("JWT_KEY") ?: throw IllegalStateException("JWT_KEY missing")
