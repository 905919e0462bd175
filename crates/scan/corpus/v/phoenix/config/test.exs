import Config
config :blog, Blog.Guardian,
  issuer: "blog",
  secret_key: "mrNTnSJ7fjIEU3e1itzoXDPJZTINhpxQ"
