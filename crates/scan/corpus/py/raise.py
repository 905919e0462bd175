if not settings.jwt_secret:
    raise RuntimeError("JWT_SECRET is not configured, refusing to start")
logger.error("jwt secret could not be loaded")
