config :acme, Acme.Guardian, secret_key: "test-secret-key"
