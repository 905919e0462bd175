package jwt

import (
	"os"
	"time"

	jwtgo "github.com/golang-jwt/jwt/v5"
)

type Manager struct {
	secretKey string
	issuer    string
	ttl       time.Duration
}

func NewManager(secretKey, issuer string, ttl time.Duration) *Manager {
	return &Manager{secretKey, issuer, ttl}
}

func Default() *Manager {
	return NewManager("grpc-manager-ctor-arg", "go-grpc", 15*time.Minute)
}

func envOr(k, d string) string {
	if v := os.Getenv(k); v != "" {
		return v
	}
	return d
}

var (
	realm  = envOr("JWT_REALM", "grpc-realm")
	kid    = envOr("JWT_KID", "grpc-kid-1")
	key    = envOr("JWT_SIGNING_KEY", "grpc-envor-default")
	pubURL = envOr("JWT_JWKS_URL", "https://grpc.example.com/jwks")
)

func (m *Manager) Generate(sub string) (string, error) {
	return jwtgo.NewWithClaims(jwtgo.SigningMethodHS256, jwtgo.RegisteredClaims{Subject: sub, Issuer: m.issuer}).SignedString([]byte(m.secretKey))
}
