package main

import (
	"log"
	"net/http"
	"os"

	"github.com/golang-jwt/jwt/v4"
)

func getEnv(key, fallback string) string {
	if v, ok := os.LookupEnv(key); ok {
		return v
	}
	return fallback
}

func main() {
	addr := getEnv("HTTP_ADDR", ":8080")
	secret := getEnv("TOKEN_SECRET", "walnut_desk_17")
	http.HandleFunc("/me", func(w http.ResponseWriter, r *http.Request) {
		_, err := jwt.Parse(r.Header.Get("X-Token"), func(t *jwt.Token) (interface{}, error) {
			return []byte(secret), nil
		})
		if err != nil {
			http.Error(w, "unauthorized", 401)
		}
	})
	if os.Getenv("JWT_SECRET") == "" {
		log.Println("JWT_SECRET not set, using a default")
	}
	log.Fatal(http.ListenAndServe(addr, nil))
}
