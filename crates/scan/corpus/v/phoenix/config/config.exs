import Config

config :blog, BlogWeb.Endpoint,
  url: [host: "localhost"],
  render_errors: [view: BlogWeb.ErrorView, accepts: ~w(json)],
  live_view: [signing_salt: "Qk3vJx0p"]

config :blog, Blog.Guardian,
  issuer: "blog",
  ttl: {30, :days},
  secret_key: "+JV42+nUrHV0Ov1MzqUR+m/06SdKMzaG8JKpaD3S7pCUYnbH6LfAU2ZrGHnyBbMo"

import_config "#{config_env()}.exs"
