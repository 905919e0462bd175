package main

import (
	"log"
	"os"

	jwtware "github.com/gofiber/contrib/jwt"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/encryptcookie"
)

func main() {
	app := fiber.New()

	app.Use(encryptcookie.New(encryptcookie.Config{
		Key: "zQ2v7Yb0sK8mJ4xW1nT6hR3dF9pL5cGa",
	}))

	app.Use("/api", jwtware.New(jwtware.Config{
		SigningKey: jwtware.SigningKey{
			JWTAlg: jwtware.HS256,
			Key:    []byte("fiber-optics"),
		},
		ContextKey: "claims",
	}))

	addr := os.Getenv("ADDR")
	if addr == "" {
		addr = ":3000"
	}
	log.Fatal(app.Listen(addr))
}
