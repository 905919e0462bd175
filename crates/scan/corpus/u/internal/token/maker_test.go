package token

import (
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

var testKey = []byte("maker-test-key-0123456789abcdefgh")

func TestNone(t *testing.T) {
	tok := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": "x"})
	s, err := tok.SignedString([]byte("another-wrong-key"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = jwt.Parse(s, func(*jwt.Token) (any, error) { return testKey, nil })
	if err == nil {
		t.Fatal("want error")
	}
}
