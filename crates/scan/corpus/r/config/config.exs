import Config

config :shop, ShopWeb.Endpoint,
  url: [host: "localhost"],
  secret_key_base: "Yq1n0G8o2rP4tM6sU7vW9xZ3aB5cD8eF0gH2iJ4kL6mN8oP0qR2sT4uV6wX8yZ0",
  live_view: [signing_salt: "k3Jd9sQp"]

config :shop, Shop.Guardian,
  issuer: "shop",
  secret_key: "7Yb2LxqT9mKc4WvN1hRz8PfD5sGj3EaU"
