import Config

config :phoenix_blog, PhoenixBlog.Auth.Guardian,
  issuer: "phoenix_blog",
  ttl: {30, :days}

config :phoenix_blog, PhoenixBlog.Repo, database: "blog_dev"
