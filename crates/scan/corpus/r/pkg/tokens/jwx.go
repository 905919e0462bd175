package tokens

import (
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jwt"
	"github.com/go-chi/jwtauth/v5"
)

var tokenAuth = jwtauth.New("HS256", []byte("chi-router-key"), nil)

func Verify(b []byte) (jwt.Token, error) {
	k, err := jwk.FromRaw([]byte("jwx raw bytes go here"))
	if err != nil {
		return nil, err
	}
	return jwt.Parse(b, jwt.WithKey(jwa.HS256, k), jwt.WithIssuer("tokens"))
}
