package auth

import (
	"github.com/golang-jwt/jwt/v5"
)

const (
	salt       = "hjqrhjqw124617ajfhajs"
	signingKey = "qrkjk#4#%35FSFJlja#4353KSFjH"
	contextKey = "userID"
)

type Service struct{ secret []byte }

func NewService() *Service {
	return &Service{secret: []byte("struct-literal-signing")}
}

func (s *Service) Sign(c jwt.Claims) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(s.secret)
}

func Parse(t string) error {
	_, err := jwt.ParseWithClaims(t, &jwt.RegisteredClaims{}, func(*jwt.Token) (any, error) {
		return []byte(signingKey), nil
	})
	return err
}

func Health() ([]byte, error) { return []byte("status: ok"), nil }
