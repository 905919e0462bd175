import time

from authlib.jose import JsonWebToken, jwt
from authlib.jose.errors import JoseError

HEADER = {"alg": "HS256", "typ": "at+jwt"}
strict = JsonWebToken(["HS256"])


def access_token(client_id, scope):
    payload = {
        "iss": "https://id.example.edu",
        "client_id": client_id,
        "scope": scope,
        "exp": int(time.time()) + 600,
    }
    return jwt.encode(HEADER, payload, "campus-id-hmac-2021").decode()


def introspect(token):
    try:
        claims = strict.decode(token, key=b"campus-id-hmac-2021")
        claims.validate()
    except JoseError as exc:
        raise ValueError("secret or token invalid") from exc
    return claims
