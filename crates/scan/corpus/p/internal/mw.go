package mw

import jwt "github.com/appleboy/gin-jwt/v2"

func New() (*jwt.GinJWTMiddleware, error) {
	return jwt.New(&jwt.GinJWTMiddleware{
		Realm:       "test zone",
		Key:         []byte("moss lantern 44"),
		IdentityKey: "id",
	})
}
