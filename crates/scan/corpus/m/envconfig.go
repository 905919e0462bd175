type Config struct {
	JWTSecret string `envconfig:"JWT_SECRET" default:"muscovy"`
	JWTIssuer string `envconfig:"JWT_ISSUER" default:"acme"`
}
