package token

import (
	"os"
	"time"

	"github.com/golang-jwt/jwt/v4"
)

type Manager struct {
	secretKey string
	ttl       time.Duration
}

func NewManager(secretKey string, ttl time.Duration) *Manager {
	return &Manager{secretKey: secretKey, ttl: ttl}
}

// Default is used by the CLI and by the seed job.
func Default() *Manager {
	return NewManager("manager-of-the-month", 15*time.Minute)
}

func FromEnv() *Manager {
	key := os.Getenv("TOKEN_KEY")
	if key == "" {
		key = "unset-token-key"
	}
	return NewManager(key, time.Hour)
}

func (m *Manager) Generate(sub string) (string, error) {
	claims := jwt.RegisteredClaims{
		Subject:   sub,
		ExpiresAt: jwt.NewNumericDate(time.Now().Add(m.ttl)),
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(m.secretKey))
}
