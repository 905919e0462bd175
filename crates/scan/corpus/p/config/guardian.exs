import Config
config :my_app, MyApp.Guardian,
  issuer: "my_app",
  secret_key: "pqYrgMS7wXDtUsoI8BFTksKdCMbKsUzjsTJ+WlNbuTbE5VrdD+3"
config :my_app, MyAppWeb.Endpoint,
  secret_key_base: "abcabcabcabc"
