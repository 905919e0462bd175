package jose

import (
	"time"

	gojose "github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwt"
)

const sharedKey = "H7y!kL0_pQ3rT9vX2zB5nM8cD1fG4jS6"

func Signer() (gojose.Signer, error) {
	return gojose.NewSigner(
		gojose.SigningKey{Algorithm: gojose.HS256, Key: []byte(sharedKey)},
		(&gojose.SignerOptions{}).WithType("JWT"),
	)
}

func Compact(sub string) (string, error) {
	s, err := Signer()
	if err != nil {
		return "", err
	}
	return josejwt.Signed(s).Claims(josejwt.Claims{Subject: sub}).Serialize()
}

func Device(id string) ([]byte, error) {
	tok, err := jwt.NewBuilder().
		Issuer("https://devices.example.io").
		Subject(id).
		Expiration(time.Now().Add(24 * time.Hour)).
		Build()
	if err != nil {
		return nil, err
	}
	return jwt.Sign(tok, jwt.WithKey(jwa.HS256, []byte("toaster-fleet")))
}
