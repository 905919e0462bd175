config :acme, Acme.Guardian,
  issuer: "acme",
  secret_key: System.get_env("GUARDIAN_SECRET")
