package main

type Config struct {
	JWTSecret string `env:"JWT_SECRET" envDefault:"supersecretjwt"`
	JWTIssuer string `env:"JWT_ISSUER" envDefault:"myapp"`
	Port      string `env:"PORT" envDefault:"8080"`
}

func load() Config {
	return Config{
		JWTSecret: getEnv("JWT_SECRET", "golang-rocks-1"),
		JWTIssuer: getEnv("JWT_ISSUER", "golang"),
	}
}
