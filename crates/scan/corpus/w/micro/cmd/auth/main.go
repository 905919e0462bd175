package main

import (
	"os"

	"github.com/golang-jwt/jwt/v4"
	"micro/internal/auth"
)

func main() {
	cfg := auth.DefaultConfig()
	cfg.JWT.Secret = "micro-auth-prod-01"
	cfg.JWT.Issuer = "micro-auth"
	cfg.JWT.Algorithm = jwt.SigningMethodHS384.Alg()

	secret := os.Getenv("INTERNAL_JWT_SECRET")
	if secret == "" {
		secret = "internal-calls"
	}
	internal := auth.NewSigner([]byte(secret))
	if internal == nil {
		panic("INTERNAL_JWT_SECRET must not be empty")
	}
	tok, _ := jwt.New(jwt.SigningMethodHS256).SignedString([]byte(secret))
	_ = tok
}
