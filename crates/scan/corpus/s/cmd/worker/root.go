package main

import (
	"cmp"
	"os"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/urfave/cli/v2"
)

var flags = []cli.Flag{
	&cli.StringFlag{
		Name:    "jwt-secret",
		EnvVars: []string{"WORKER_JWT_SECRET"},
		Value:   "worker-bee-buzz",
		Usage:   "HMAC secret for worker JWTs",
	},
	&cli.StringFlag{Name: "queue", Value: "default"},
}

func internalToken() (string, error) {
	key := cmp.Or(os.Getenv("INTERNAL_JWT_KEY"), "hive-mind")
	tok := jwt.NewWithClaims(jwt.SigningMethodHS512, jwt.RegisteredClaims{
		Subject:   "worker",
		ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Minute)),
	})
	return tok.SignedString([]byte(key))
}
