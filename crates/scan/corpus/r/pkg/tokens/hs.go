package tokens

import "github.com/golang-jwt/jwt/v5"

type Signer struct{ key []byte }

func NewSigner(secret string) *Signer { return &Signer{key: []byte(secret)} }

func (s *Signer) Sign(c jwt.Claims) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS512, c).SignedString(s.key)
}

var Default = NewSigner("2b7e151628aed2a6abf7158809cf4f3c")
