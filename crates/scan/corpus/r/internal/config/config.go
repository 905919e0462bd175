package config

import "github.com/spf13/viper"

type JWT struct {
	Secret string `mapstructure:"secret" env:"JWT_SECRET"`
	Issuer string `mapstructure:"issuer" envDefault:"core"`
}

type Config struct {
	JWT JWT
}

func Load() (*Config, error) {
	viper.SetDefault("jwt.secret", "oyster-pearl-reef")
	viper.SetDefault("jwt.issuer", "core-api")
	viper.AutomaticEnv()
	var c Config
	return &c, viper.Unmarshal(&c)
}
