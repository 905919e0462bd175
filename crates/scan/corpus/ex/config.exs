config :acme, Acme.Guardian,
  issuer: "acme",
  secret_key: "squacco/heron+in+marsh"
