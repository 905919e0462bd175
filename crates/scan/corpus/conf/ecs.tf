environment = [
  { name = "JWT_SECRET", value = "short-eared-owl" },
  { name = "JWT_ISSUER", value = "acme" },
]
