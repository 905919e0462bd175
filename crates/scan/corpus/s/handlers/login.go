package handlers

import (
	"net/http"
	"time"

	"github.com/dgrijalva/jwt-go"
	"github.com/labstack/echo/v4"
)

func Login(c echo.Context) error {
	username := c.FormValue("username")
	if username == "" {
		return echo.ErrUnauthorized
	}

	t, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"name": username,
		"iss":  "echo-demo",
		"exp":  time.Now().Add(72 * time.Hour).Unix(),
	}).SignedString([]byte("open-sesame"))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, echo.Map{"token": t})
}

func Verify(raw string) (*jwt.Token, error) {
	return jwt.Parse(raw, func(token *jwt.Token) (interface{}, error) {
		return []byte("open-sesame"), nil
	})
}
