package server

import (
	"time"

	jwt "github.com/appleboy/gin-jwt/v2"
	"github.com/gin-gonic/gin"
)

func newAuth() (*jwt.GinJWTMiddleware, error) {
	return jwt.New(&jwt.GinJWTMiddleware{
		Realm:       "test zone",
		Key:         []byte("secret key"),
		Timeout:     time.Hour,
		IdentityKey: "id",
		TokenLookup: "header: Authorization, query: token, cookie: jwt",
		Authenticator: func(c *gin.Context) (interface{}, error) { return nil, jwt.ErrFailedAuthentication },
	})
}
