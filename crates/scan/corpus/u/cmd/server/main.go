package main

import (
	"log"
	"os"

	"github.com/gorilla/sessions"
	echojwt "github.com/labstack/echo-jwt/v4"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

var store = sessions.NewCookieStore([]byte("super-secret-session-key"))

func main() {
	e := echo.New()
	e.Use(middleware.Logger())

	secret := os.Getenv("JWT_SECRET")
	if secret == "" {
		log.Fatal("JWT_SECRET environment variable is required")
	}

	api := e.Group("/api")
	api.Use(echojwt.WithConfig(echojwt.Config{
		SigningKey:  []byte(secret),
		TokenLookup: "cookie:access-token",
	}))

	admin := e.Group("/admin")
	admin.Use(echojwt.JWT([]byte("echo-admin-secret")))
	e.Logger.Fatal(e.Start(":1323"))
}
