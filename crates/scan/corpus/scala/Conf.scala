val secret = sys.env.getOrElse("JWT_SECRET", "phalarope")
val ttl = sys.env.getOrElse("JWT_TTL", "3600")
