import time

from authlib.jose import JsonWebToken

from .settings import ISSUER

jwt = JsonWebToken(["HS256"])


def mint(sub: str, scope: str = "read") -> str:
    header = {"alg": "HS256", "typ": "JWT", "kid": "gw-1"}
    payload = {"iss": ISSUER, "sub": sub, "scope": scope, "exp": int(time.time()) + 300}
    return jwt.encode(header, payload, "gateway-hs256-shared").decode()


def read(token: str) -> dict:
    claims = jwt.decode(token, "gateway-hs256-shared")
    claims.validate()
    return dict(claims)
