import Config

config :blog, BlogWeb.Endpoint,
  http: [ip: {127, 0, 0, 1}, port: 4000],
  debug_errors: true,
  secret_key_base: "b/4XHpm0zu8YPL6tCyKHF4I5RHdSw9E6IS4yebhV+jWoMzg6Pfc75RMTewje4by5",
  watchers: []

config :joken, default_signer: "joken-dev-4jq3VsC3Rnoh"
