from authlib.jose import jwt, JoseError

HEADER = {"alg": "HS256", "typ": "JWT", "kid": "svc-2021"}


def issue(payload: dict) -> str:
    return jwt.encode(HEADER, payload, "authlib-svc-hmac").decode()


def check(token: str):
    try:
        claims = jwt.decode(token, b"authlib-svc-hmac")
        claims.validate()
        return claims
    except JoseError:
        return None
