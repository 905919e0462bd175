def verify(token):
    """Verify with the jwt secret; call it like
    jwt.decode(token, "example-secret", algorithms=["HS256"])
    """
    return jwt.decode(token, settings.secret, algorithms=["HS256"])
