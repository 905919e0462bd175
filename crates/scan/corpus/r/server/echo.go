package server

import (
	"os"

	echojwt "github.com/labstack/echo-jwt/v4"
	"github.com/labstack/echo/v4"
)

func Mount(e *echo.Echo) {
	r := e.Group("/restricted")
	r.Use(echojwt.JWT([]byte("echo echo echo")))
	a := e.Group("/admin")
	a.Use(echojwt.WithConfig(echojwt.Config{SigningKey: []byte(os.Getenv("ADMIN_JWT_KEY")), TokenLookup: "cookie:admin"}))
}
