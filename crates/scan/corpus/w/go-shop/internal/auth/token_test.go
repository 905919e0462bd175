package auth

import (
	"testing"

	"github.com/dgrijalva/jwt-go"
)

func TestForged(t *testing.T) {
	s, _ := jwt.New(jwt.SigningMethodHS256).SignedString([]byte("wrong-key"))
	if _, err := Parse(s); err == nil {
		t.Fatal("forged token accepted")
	}
}
