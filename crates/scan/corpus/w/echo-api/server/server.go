package server

import (
	echojwt "github.com/labstack/echo-jwt/v4"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

func New() *echo.Echo {
	e := echo.New()
	e.Use(middleware.Logger())
	r := e.Group("/restricted")
	r.Use(echojwt.WithConfig(echojwt.Config{
		ContextKey: "user-claims",
		SigningKey: []byte("echo-s3cr3t"),
	}))
	a := e.Group("/admin")
	a.Use(echojwt.JWT([]byte("echo-admin")))
	return e
}
