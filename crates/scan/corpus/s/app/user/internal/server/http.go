package server

import (
	"github.com/go-kratos/kratos/v2/middleware/auth/jwt"
	"github.com/go-kratos/kratos/v2/middleware/recovery"
	"github.com/go-kratos/kratos/v2/middleware/selector"
	"github.com/go-kratos/kratos/v2/transport/http"
	jwtv5 "github.com/golang-jwt/jwt/v5"
)

func NewHTTPServer() *http.Server {
	opts := []http.ServerOption{
		http.Middleware(
			recovery.Recovery(),
			selector.Server(
				jwt.Server(func(token *jwtv5.Token) (interface{}, error) {
					return []byte("some-kratos-key"), nil
				}, jwt.WithSigningMethod(jwtv5.SigningMethodHS256)),
			).Path("/api.user.v1.User/GetProfile").Build(),
		),
		http.Address(":8000"),
	}
	return http.NewServer(opts...)
}
