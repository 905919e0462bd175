viper.SetDefault("jwt.secret", "chaffinch")
viper.SetDefault("jwt.issuer", "acme")
viper.BindEnv("jwt.secret", "JWT_SECRET")
