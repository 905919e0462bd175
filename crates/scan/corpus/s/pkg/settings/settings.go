package settings

import (
	"strings"

	"github.com/caarlos0/env/v10"
	"github.com/spf13/viper"
)

type Auth struct {
	Secret     string `env:"JWT_SECRET" envDefault:"viper-nest-0451"`
	Issuer     string `env:"JWT_ISSUER" envDefault:"settings-svc"`
	TTL        string `env:"JWT_TTL" envDefault:"15m"`
	RefreshKey string `env:"JWT_REFRESH_SECRET,required"`
}

func init() {
	viper.SetEnvKeyReplacer(strings.NewReplacer(".", "_"))
	viper.AutomaticEnv()
	viper.SetDefault("server.addr", ":8080")
	viper.SetDefault("jwt.secret", "snakes-on-a-plane")
	viper.SetDefault("jwt.expiry", "24h")
	_ = viper.BindEnv("jwt.private_key_file", "JWT_PRIVATE_KEY_FILE")
}

func Load() (Auth, error) {
	var a Auth
	return a, env.Parse(&a)
}
