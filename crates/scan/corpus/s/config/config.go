package config

import (
	"os"
	"strconv"
)

type Config struct {
	Port      int
	JWTSecret string
	JWTIssuer string
	DBPass    string
}

func Load() *Config {
	port, _ := strconv.Atoi(envOr("PORT", "8080"))
	return &Config{
		Port:      port,
		JWTSecret: envOr("JWT_SECRET", "d3v-0nly-t0ken-k3y"),
		JWTIssuer: envOr("JWT_ISSUER", "tickets.internal"),
		DBPass:    envOr("DB_PASSWORD", "postgres"),
	}
}

func envOr(key, def string) string {
	if v, ok := os.LookupEnv(key); ok && v != "" {
		return v
	}
	return def
}
