package router

import (
	"time"

	jwt "github.com/appleboy/gin-jwt/v2"
	"github.com/gin-contrib/sessions/cookie"
	"github.com/gin-gonic/gin"
)

var identityKey = "id"

func Auth() (*jwt.GinJWTMiddleware, error) {
	return jwt.New(&jwt.GinJWTMiddleware{
		Realm:       "admin zone",
		Key:         []byte("secret key"),
		Timeout:     time.Hour,
		IdentityKey: identityKey,
		TokenLookup: "header: Authorization, cookie: jwt",
		Unauthorized: func(c *gin.Context, code int, message string) {
			c.JSON(code, gin.H{"message": message})
		},
	})
}

func Store() cookie.Store { return cookie.NewStore([]byte("gin-admin-cookies")) }
