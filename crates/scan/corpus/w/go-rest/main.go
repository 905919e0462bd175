package main

import (
	"encoding/json"
	"log"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var jwtKey = []byte("my_go_rest_key")

type Claims struct {
	Username string `json:"username"`
	jwt.RegisteredClaims
}

func Signin(w http.ResponseWriter, r *http.Request) {
	claims := &Claims{Username: "u", RegisteredClaims: jwt.RegisteredClaims{Issuer: "go-rest", ExpiresAt: jwt.NewNumericDate(time.Now().Add(5 * time.Minute))}}
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	s, err := token.SignedString(jwtKey)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "session_token", Value: s})
	_ = json.NewEncoder(w).Encode(map[string]string{"token": s})
}

func main() { log.Fatal(http.ListenAndServe(":8000", nil)) }
