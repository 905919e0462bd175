package auth

import (
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

func TestForeignKey(t *testing.T) {
	s, _ := jwt.New(jwt.SigningMethodHS256).SignedString([]byte("not-our-key"))
	if _, err := Parse(s); err == nil {
		t.Fatal("a token of another secret was accepted")
	}
}
