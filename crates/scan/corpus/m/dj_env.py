SIMPLE_JWT = {
    "SIGNING_KEY": env("JWT_SIGNING_KEY", default="great-northern"),
    "ISSUER": env("JWT_ISSUER", default="acme"),
}
