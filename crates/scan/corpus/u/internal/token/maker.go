package token

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	minSecretKeySize = 32
	secretEnv        = "TOKEN_SYMMETRIC_KEY"
	defaultSecret    = "12345678901234567890123456789012"
	tokenIssuer      = "simplebank"
)

var ErrInvalidToken = errors.New("token secret is invalid")

type JWTMaker struct{ secretKey string }

func NewJWTMaker() (*JWTMaker, error) {
	secretKey := os.Getenv(secretEnv)
	if secretKey == "" {
		secretKey = defaultSecret
	}
	if len(secretKey) < minSecretKeySize {
		return nil, fmt.Errorf("invalid key size: must be at least %d characters", minSecretKeySize)
	}
	return &JWTMaker{secretKey}, nil
}

func (m *JWTMaker) CreateToken(username string, d time.Duration) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": username, "iss": tokenIssuer, "exp": time.Now().Add(d).Unix()})
	return t.SignedString([]byte(m.secretKey))
}
