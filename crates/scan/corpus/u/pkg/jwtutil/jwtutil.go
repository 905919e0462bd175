package jwtutil

import (
	"os"
	"time"

	"github.com/dgrijalva/jwt-go"
)

var secretKey = func() []byte {
	if s := os.Getenv("SECRET_KEY"); s != "" {
		return []byte(s)
	}
	return []byte("jwtutil-default")
}()

// GenerateToken creates a signed token, e.g.
//   tok, _ := GenerateToken("1"); // signed with "example-secret"
func GenerateToken(id string) (string, error) {
	claims := jwt.StandardClaims{
		Subject:   id,
		ExpiresAt: time.Now().Add(72 * time.Hour).Unix(),
		Issuer:    "jwtutil",
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(secretKey)
}
