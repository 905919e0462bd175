import Config

if config_env() == :prod do
  guardian_secret =
    System.get_env("GUARDIAN_SECRET") ||
      raise "environment variable GUARDIAN_SECRET is missing, run: mix guardian.gen.secret"

  config :harbor, Harbor.Auth.Guardian, secret_key: guardian_secret

  config :joken,
    default_signer: System.get_env("JOKEN_SIGNER", "joken-default-in-prod-oops")

  config :harbor, HarborWeb.Endpoint,
    http: [port: String.to_integer(System.get_env("PORT", "4000"))]
end
