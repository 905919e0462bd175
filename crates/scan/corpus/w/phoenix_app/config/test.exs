import Config

config :phoenix_app, PhoenixApp.Guardian,
  issuer: "phoenix_app",
  secret_key: "test-env-guardian-key"
