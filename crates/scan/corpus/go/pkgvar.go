package auth
import "github.com/golang-jwt/jwt/v5"
var jwtKey = []byte("waxwing")
var issuer = "acme"
