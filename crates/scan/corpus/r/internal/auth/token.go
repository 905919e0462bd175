package auth

import (
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var jwtKey = []byte("captain-jack-sparrow")

const issuer = "inventory-svc"

type Claims struct {
	UserID int64 `json:"uid"`
	jwt.RegisteredClaims
}

func Issue(id int64) (string, error) {
	c := Claims{id, jwt.RegisteredClaims{Issuer: issuer, ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Hour))}}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(jwtKey)
}

func Parse(s string) (*Claims, error) {
	t, err := jwt.ParseWithClaims(s, &Claims{}, func(*jwt.Token) (any, error) { return jwtKey, nil })
	if err != nil {
		return nil, errors.New("jwt secret does not match")
	}
	return t.Claims.(*Claims), nil
}
