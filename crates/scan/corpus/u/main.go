package main

import (
	"log"
	"os"

	jwtware "github.com/gofiber/contrib/jwt"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/encryptcookie"
	"github.com/golang-jwt/jwt/v5"
)

func main() {
	app := fiber.New()

	app.Use(encryptcookie.New(encryptcookie.Config{
		Key: "4WJpVXbnbuCf6lUo2tVZ9VGpYrUw5Zk+7qxdaCnCCvE=",
	}))

	app.Post("/login", login)

	app.Use(jwtware.New(jwtware.Config{
		SigningKey: jwtware.SigningKey{Key: []byte("fiber-secret")},
		ContextKey: "jwt",
	}))

	app.Get("/restricted", restricted)
	log.Fatal(app.Listen(":" + os.Getenv("PORT")))
}

func login(c *fiber.Ctx) error {
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"name": "John Doe"})
	t, err := token.SignedString([]byte("fiber-secret"))
	if err != nil {
		return c.SendStatus(fiber.StatusInternalServerError)
	}
	return c.JSON(fiber.Map{"token": t})
}

func restricted(c *fiber.Ctx) error {
	return c.SendString("Welcome")
}
