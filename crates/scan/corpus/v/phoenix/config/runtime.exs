import Config

if config_env() == :prod do
  secret =
    System.get_env("GUARDIAN_SECRET_KEY") ||
      raise """
      environment variable GUARDIAN_SECRET_KEY is missing.
      """

  config :blog, Blog.Guardian, secret_key: secret
end
