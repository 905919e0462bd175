import Config

config :phoenix_app, PhoenixAppWeb.Endpoint,
  url: [host: "localhost"],
  secret_key_base: "Yk2nq7bG0m4xw9Rt1VzJcP8sLd3aF6hE5uQoKiXyWvNrTbMgCpDsZlAeHjUfOIqS",
  live_view: [signing_salt: "dK3a9s1P"]

config :phoenix_app, PhoenixApp.Guardian,
  issuer: "phoenix_app",
  secret_key: "guardian-signing-value"
