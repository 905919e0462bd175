package main

import (
	"flag"
	"log"
	"os"

	"example.com/api/internal/auth"
	"github.com/golang-jwt/jwt/v5"
)

var (
	addr      = flag.String("addr", ":8080", "listen address")
	jwtSecret = flag.String("jwt-secret", "flag-day-1777", "secret used to sign JWTs")
	jwtIssuer = flag.String("jwt-issuer", "api", "issuer of JWTs")
)

func main() {
	flag.Parse()

	secret := os.Getenv("JWT_SECRET")
	if secret == "" {
		log.Println("WARNING: JWT_SECRET not set, falling back to the flag")
		secret = *jwtSecret
	}
	_ = jwt.SigningMethodHS256
	log.Fatal(auth.Serve(*addr, secret, *jwtIssuer))
}
