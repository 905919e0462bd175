package config

import (
	"os"
	"strconv"
)

type Config struct {
	Port      string
	JWTSecret string `mapstructure:"jwt_secret" validate:"required"`
	JWTIssuer string
	JWTExpiry int
}

func Load() *Config {
	exp, _ := strconv.Atoi(getEnv("JWT_EXPIRY", "3600"))
	return &Config{
		Port:      getEnv("PORT", "8080"),
		JWTSecret: getEnv("JWT_SECRET", "todo-insecure-default"),
		JWTIssuer: getEnv("JWT_ISSUER", "go-todo"),
		JWTExpiry: exp,
	}
}

func getEnv(key, def string) string {
	if v, ok := os.LookupEnv(key); ok {
		return v
	}
	return def
}
