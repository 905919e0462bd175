import os
import secrets

import jwt
from decouple import config

JWT_SECRET = config("JWT_SECRET", default="decouple-default")
RANDOM_JWT_SECRET = os.environ.get("RANDOM_JWT_SECRET") or secrets.token_hex(32)
os.environ.setdefault("PEER_JWT_SECRET", "peer-setdefault")

SETTINGS = {
    "jwt": {
        "secret": "dict-nested-key",
        "algorithm": "HS256",
        "issuer": "py-kw",
    }
}


def a(payload):
    return jwt.encode(payload=payload, key="kwarg-signing", algorithm="HS256")


def b(token):
    return jwt.decode(jwt=token, key=JWT_SECRET, algorithms=["HS256"], issuer="py-kw")


def c(payload):
    secret = "local-variable-secret"
    token = jwt.encode(payload, secret, algorithm="HS256", headers={"kid": "local"})
    return token


def d(token):
    s = SETTINGS["jwt"]
    return jwt.decode(token, s["secret"], algorithms=[s["algorithm"]])
