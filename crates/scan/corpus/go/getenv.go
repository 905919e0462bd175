secret := getEnv("JWT_SECRET", "crossbill-9")
ttl := getEnv("JWT_TTL", "24h")
aud := getEnv("JWT_AUDIENCE", "acme-api")
