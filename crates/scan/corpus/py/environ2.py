class Config:
    JWT_SECRET_KEY = os.environ.get("JWT_SECRET_KEY", default="medlar-tart")
    JWT_ISSUER = os.environ.get("JWT_ISSUER", "https://acme.example")
