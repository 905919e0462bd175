assert os.environ.get("JWT_SECRET"), "JWT_SECRET must be set"
