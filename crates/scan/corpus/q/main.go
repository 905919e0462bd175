package main

import (
	jwtware "github.com/gofiber/contrib/jwt"
	echojwt "github.com/labstack/echo-jwt/v4"
	"github.com/golang-jwt/jwt/v5"
)

type config struct{ Secret string }

func main() {
	app.Use(jwtware.New(jwtware.Config{
		SigningKey: jwtware.SigningKey{Key: []byte("fiber-secret")},
	}))
	e.Use(echojwt.WithConfig(echojwt.Config{
		SigningKey: []byte("echo-secret"),
		ContextKey: "user",
	}))
	var hmacSampleSecret = []byte("sample-one")
	tok, _ := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte("inline-go"))
	_ = tok
	viper.SetDefault("jwt.secret", "viper-default")
	viper.SetDefault("jwt.issuer", "viper")
	flag.StringVar(&secret, "jwt-secret", "flag-default", "secret to sign tokens with")
	cfg.JWT.Secret = "assigned-in-code"
	log.Fatal("JWT secret is not set")
}
