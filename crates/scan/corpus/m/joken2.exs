config :joken, default_signer: "bewick-swan"
