package auth

import (
	"errors"
	"fmt"
	"os"

	"github.com/dgrijalva/jwt-go"
)

func Generate(id uint) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"id":  id,
		"iss": "go-shop",
	}).SignedString([]byte("go-shop-signing"))
}

func Parse(tok string) (*jwt.Token, error) {
	return jwt.Parse(tok, func(t *jwt.Token) (interface{}, error) {
		if _, ok := t.Method.(*jwt.SigningMethodHMAC); !ok {
			return nil, fmt.Errorf("unexpected signing method: %v", t.Header["alg"])
		}
		return []byte("go-shop-signing"), nil
	})
}

func FromEnv() ([]byte, error) {
	s := os.Getenv("JWT_SECRET")
	if s == "" {
		return nil, errors.New("JWT_SECRET is required")
	}
	return []byte(s), nil
}
