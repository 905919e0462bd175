package utils

import (
	"encoding/base64"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	TokenHeader = "X-Auth-Token"
	TokenPrefix = "Bearer "
	TokenSecret = `q8Zr+3sT/7uVwXyZ0aBcDeFgHiJkLmNoPqRsTuVwXyY=`
)

func key() []byte {
	b, err := base64.StdEncoding.DecodeString(TokenSecret)
	if err != nil {
		panic("TokenSecret is not base64: " + err.Error())
	}
	return b
}

func GenerateToken(id uint) (string, error) {
	claims := jwt.MapClaims{}
	claims["authorized"] = true
	claims["user_id"] = id
	claims["exp"] = time.Now().Add(time.Hour).Unix()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	return token.SignedString(key())
}

// func OldToken(id uint) (string, error) {
// 	return jwt.New(jwt.SigningMethodHS256).SignedString([]byte("2019-key"))
// }
