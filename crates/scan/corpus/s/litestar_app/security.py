from os import environ
from typing import Any

from jwcrypto import jwk, jwt
from litestar.connection import ASGIConnection
from litestar.security.jwt import JWTAuth, Token

from .models import User

INTERNAL_KEY = jwk.JWK(kty="oct", k="Zm9yLWludGVybmFsLXVzZS1vbmx5LTMyLWJ5dGVzISE")


async def retrieve_user_handler(token: Token, connection: ASGIConnection[Any, Any, Any, Any]) -> User | None:
    return await User.get(token.sub)


jwt_auth = JWTAuth[User](
    retrieve_user_handler=retrieve_user_handler,
    token_secret=environ.get("JWT_SECRET", "abcd123"),
    exclude=["/login", "/schema"],
)


def internal_token(sub: str) -> str:
    t = jwt.JWT(header={"alg": "HS256"}, claims={"sub": sub})
    t.make_signed_token(INTERNAL_KEY)
    return t.serialize()
