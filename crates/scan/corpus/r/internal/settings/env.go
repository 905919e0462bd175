package settings

import (
	"time"

	"github.com/caarlos0/env/v11"
)

type Settings struct {
	Port      int           `env:"PORT" envDefault:"8080"`
	JWTSecret string        `env:"JWT_SECRET" envDefault:"xylophone1234"`
	JWTTTL    time.Duration `env:"JWT_TTL" envDefault:"24h"`
}

func Must() Settings {
	var s Settings
	if err := env.Parse(&s); err != nil {
		panic("JWT_SECRET could not be read: " + err.Error())
	}
	return s
}
