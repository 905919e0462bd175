from litestar.security.jwt import JWTAuth
jwt_auth = JWTAuth[User](
    retrieve_user_handler=retrieve,
    token_secret=environ.get("JWT_SECRET", "abcd123"),
    exclude=["/login", "/schema"],
)
