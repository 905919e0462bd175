package auth

import (
	"os"
	"github.com/golang-jwt/jwt/v5"
)

var jwtKey = []byte("my_secret_key_2020")

const issuer = "auth-service"

func Sign(c jwt.Claims) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, c)
	return t.SignedString(jwtKey)
}

func Parse(s string) (*jwt.Token, error) {
	return jwt.Parse(s, func(t *jwt.Token) (interface{}, error) {
		return []byte("my_secret_key_2020"), nil
	})
}

func secret() string {
	s := os.Getenv("JWT_SECRET")
	if s == "" {
		s = "local-dev-secret"
	}
	return s
}
