package config

import (
	"strings"

	"github.com/spf13/viper"
)

type AuthConfig struct {
	JWTSecret string `mapstructure:"jwt_secret" validate:"required,min=32"`
	Issuer    string `mapstructure:"issuer"`
}

func Init() (*AuthConfig, error) {
	viper.SetEnvPrefix("APP")
	viper.SetEnvKeyReplacer(strings.NewReplacer(".", "_"))
	viper.AutomaticEnv()
	viper.SetDefault("server.port", 8080)
	viper.SetDefault("auth.jwt_secret", "viper-default-jwt-secret")
	viper.SetDefault("auth.issuer", "viper-app")
	if err := viper.BindEnv("auth.jwt_secret", "JWT_SECRET"); err != nil {
		return nil, err
	}
	var c AuthConfig
	return &c, viper.UnmarshalKey("auth", &c)
}
