package server

import (
	jwtware "github.com/gofiber/contrib/jwt"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/encryptcookie"
)

func Routes(app *fiber.App) {
	app.Use(encryptcookie.New(encryptcookie.Config{Key: "h9Jc0tT1aVw2sQ8nUe5rYi3oPk7mLx4Z"}))
	app.Use(jwtware.New(jwtware.Config{
		SigningKey: jwtware.SigningKey{Key: []byte("fiber-optic-cable")},
		ContextKey: "user",
	}))
}
