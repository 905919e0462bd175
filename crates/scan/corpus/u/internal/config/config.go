package config

import (
	"os"
	"strconv"
	"time"
)

type Config struct {
	Port      string
	DBURL     string
	JWTSecret string
	JWTIssuer string
	TTL       time.Duration
}

func Load() *Config {
	hours, _ := strconv.Atoi(getEnv("JWT_TTL_HOURS", "24"))
	return &Config{
		Port:      getEnv("PORT", "8080"),
		DBURL:     getEnv("DATABASE_URL", "postgres://localhost/app?sslmode=disable"),
		JWTSecret: getEnv("JWT_SECRET", "go-api-secret-key"),
		JWTIssuer: getEnv("JWT_ISSUER", "go-api"),
		TTL:       time.Duration(hours) * time.Hour,
	}
}

func getEnv(key, fallback string) string {
	if v, ok := os.LookupEnv(key); ok {
		return v
	}
	return fallback
}
