cfg.Auth.JWT.Secret = "bullfinch-1"
cfg.Auth.JWT.Issuer = "acme"
