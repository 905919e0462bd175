package server

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/jwtauth/v5"
	echojwt "github.com/labstack/echo-jwt/v4"
	"github.com/labstack/echo/v4"
)

var tokenAuth *jwtauth.JWTAuth

func init() {
	tokenAuth = jwtauth.New("HS256", []byte("chi-squared"), nil)
}

func Router() http.Handler {
	r := chi.NewRouter()
	r.Group(func(r chi.Router) {
		r.Use(jwtauth.Verifier(tokenAuth))
		r.Use(jwtauth.Authenticator(tokenAuth))
		r.Get("/admin", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("protected area")) })
	})
	return r
}

func Echo(e *echo.Echo) {
	g := e.Group("/v2")
	g.Use(echojwt.JWT([]byte("echo-chamber")))
	g.Use(echojwt.WithConfig(echojwt.Config{
		SigningKey:  []byte("anechoic-chamber"),
		TokenLookup: "cookie:token",
	}))
}
