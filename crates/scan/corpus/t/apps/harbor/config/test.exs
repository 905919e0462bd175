import Config

config :harbor, HarborWeb.Endpoint,
  http: [ip: {127, 0, 0, 1}, port: 4002],
  secret_key_base: "3n0mZ0yQfPq3cF4xkQe7bG1mW9dJt6vT2sR8uXyZaBcDeFgHiJkLmNoPqRsTuVwX",
  server: false

config :harbor, Harbor.Auth.Guardian,
  issuer: "harbor",
  secret_key: "test-only-guardian-secret"

config :joken, default_signer: "test-signer"

config :logger, level: :warning
