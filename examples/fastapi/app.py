"""A FastAPI service whose callers sign in once and show a token from then on."""

import os
import time
from typing import Annotated

import jwt  # the package keytide-pyjwt
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from keytide import Ring
from pydantic import BaseModel

ISSUER = "https://shop.example"
AUDIENCE = "shop"
LIFE_SECONDS = 15 * 60


def ring_of(environ) -> Ring:
    """The ring at KEYTIDE_RING, with the access token KEYTIDE_TOKEN; or what `keytide run` set."""
    url = environ.get("KEYTIDE_RING")
    if url is None:
        return Ring.from_env(environ)
    return Ring.connect(url, environ["KEYTIDE_TOKEN"], consumer="shop")


ring = ring_of(os.environ)
app = FastAPI()


class Login(BaseModel):
    name: str
    password: str


def is_right(login: Login) -> bool:
    """Your users are elsewhere, their passwords hashed."""
    return (login.name, login.password) == ("alice", "correct horse")


# Plain functions run in FastAPI's threads: whatever the ring has to fetch holds nobody else up.
def caller(
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
) -> dict:
    """The claims of the request's token."""
    if bearer is None:
        raise refusal("a Bearer token is needed", 'Bearer realm="shop"')
    try:
        return jwt.decode(
            bearer.credentials,
            ring,
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": ["exp", "sub"]},
        )
    except jwt.InvalidTokenError as error:
        raise refusal(str(error), 'Bearer realm="shop", error="invalid_token"') from error


def refusal(detail: str, challenge: str) -> HTTPException:
    """401 with the challenge of RFC 6750."""
    return HTTPException(401, detail, headers={"WWW-Authenticate": challenge})


@app.exception_handler(jwt.PyJWKClientError)
def no_keys(_request: Request, _error: jwt.PyJWKClientError) -> JSONResponse:
    """There are no keys to judge or sign a token with, which says nothing about the caller."""
    return JSONResponse({"detail": "the keys cannot be had at the moment"}, 503)


@app.post("/login")
def login(asked: Login) -> dict:
    if not is_right(asked):
        raise HTTPException(401, "the name or the password is wrong")
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": asked.name, "iat": now, "exp": now + LIFE_SECONDS}
    # No algorithm: the ring's key knows its own.
    token = jwt.encode(claims, ring)
    return {"access_token": token, "token_type": "Bearer", "expires_in": LIFE_SECONDS}


@app.get("/me")
def me(claims: Annotated[dict, Depends(caller)]) -> dict:
    return {"name": claims["sub"]}


@app.get("/ready")
def ready(response: Response) -> dict:
    # `keytide run` believes this more than a process that was started.
    if epochs := os.environ.get("KEYTIDE_EPOCHS"):
        response.headers["Keytide-Epochs"] = epochs
    return {"ready": True}
