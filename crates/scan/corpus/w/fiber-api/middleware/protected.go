package middleware

import (
	jwtware "github.com/gofiber/contrib/jwt"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/encryptcookie"
)

const signingSecret = "fiber-protected"

func Protected() fiber.Handler {
	return jwtware.New(jwtware.Config{
		SigningKey:   jwtware.SigningKey{Key: []byte(signingSecret)},
		ErrorHandler: jwtError,
	})
}

func Cookies() fiber.Handler {
	return encryptcookie.New(encryptcookie.Config{Key: "3lZtUe6w5bY0pW1nq2Xk7v8c9dA4fG6h"})
}

func jwtError(c *fiber.Ctx, err error) error {
	return c.Status(401).JSON(fiber.Map{"status": "error", "message": "Invalid or expired JWT"})
}
