import Config

config :harbor,
  ecto_repos: [Harbor.Repo],
  generators: [binary_id: true]

config :harbor, HarborWeb.Endpoint,
  url: [host: "localhost"],
  render_errors: [formats: [json: HarborWeb.ErrorJSON]],
  live_view: [signing_salt: "x7Kq1bLw"]

config :harbor, Harbor.Auth.Guardian,
  issuer: "harbor",
  ttl: {30, :days},
  secret_key: "NOl8wUHKqlTPBFqyJd6CJ9bQ5Y3mhyW/1QyyYBPn9JjqJ0jH6S9k+mC2R8Oq8cLa"

config :harbor, Harbor.Auth.ApiGuardian,
  issuer: "harbor_api",
  secret_key: {System, :get_env, ["API_GUARDIAN_SECRET"]}

import_config "#{config_env()}.exs"
