import os

import jwt
from fastapi import Header, HTTPException

JWT_SECRET = os.getenv("JWT_SECRET")
if not JWT_SECRET:
    raise RuntimeError("JWT_SECRET must be set, e.g. JWT_SECRET=$(openssl rand -hex 32)")

ALGORITHMS = ["HS256"]


async def current_user(authorization: str = Header(...)):
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise HTTPException(401, "expected a bearer token")
    # return jwt.decode(token, "dev", algorithms=["HS256"])
    return jwt.decode(token, os.environ["JWT_SECRET"], algorithms=ALGORITHMS)


def issue(payload):
    return jwt.encode(payload, os.getenv("JWT_SECRET"), algorithm="HS256")
