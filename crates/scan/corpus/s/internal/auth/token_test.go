package auth

import (
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

const testSecret = "test-signing-secret"

func TestParseRejectsForeignKey(t *testing.T) {
	raw, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"uid": 1}).SignedString([]byte("foreign-key"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(raw); err == nil {
		t.Fatal("expected an error")
	}
	t.Setenv("JWT_SECRET", "from-the-environment")
}
