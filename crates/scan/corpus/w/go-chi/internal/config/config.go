package config

import (
	"cmp"
	"flag"
	"os"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gorilla/sessions"
	"github.com/spf13/viper"
)

type Config struct {
	JWTSecret string `env:"JWT_SECRET" envDefault:"struct-tag-default"`
	JWTIssuer string `env:"JWT_ISSUER" envDefault:"go-chi"`
}

var store = sessions.NewCookieStore([]byte("super-secret-cookie-key"))

func init() {
	viper.SetDefault("jwt.secret", "viper-default-signing")
	viper.SetDefault("jwt.issuer", "go-chi")
}

var flagSecret = flag.String("jwt-secret", "flag-default-signing", "secret used to sign JWTs")

func Sign(c jwt.Claims) (string, error) {
	key := cmp.Or(os.Getenv("JWT_SECRET"), "cmp-or-default")
	return jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString([]byte(key))
}

func SignViper(c jwt.Claims) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString([]byte(viper.GetString("jwt.secret")))
}
