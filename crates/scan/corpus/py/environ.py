JWT_SECRET = os.environ.get("JWT_SECRET") or "sloe-gin"
