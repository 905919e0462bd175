import Config

config :shop, Shop.Guardian,
  issuer: "shop",
  secret_key: "guardian-test-key"

config :bcrypt_elixir, :log_rounds, 1
