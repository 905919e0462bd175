package mw

import (
	"github.com/hertz-contrib/jwt"
)

var JwtMiddleware *jwt.HertzJWTMiddleware

func InitJwt() {
	var err error
	JwtMiddleware, err = jwt.New(&jwt.HertzJWTMiddleware{
		Key:           []byte("tiktok secret key"),
		TokenHeadName: "Bearer",
		CookieName:    "jwt-cookie",
	})
	if err != nil {
		panic(err)
	}
}
