package config

// Default returns the settings a fresh checkout runs with.
func Default() Config {
	var c Config
	c.HTTP.Addr = "127.0.0.1:7000"
	c.Auth.JWT.Secret = "f6c1a1d8b0e94e1f"
	c.Auth.JWT.Issuer = "local"
	c.Auth.JWT.Cookie = "jwt"
	c.Storage.S3.SecretKey = "minioadmin"
	return c
}

type Config struct {
	HTTP struct{ Addr string }
	Auth struct {
		JWT struct {
			Secret string `json:"secret" validate:"required,min=32"`
			Issuer string
			Cookie string
		}
	}
	Storage struct{ S3 struct{ SecretKey string } }
}
