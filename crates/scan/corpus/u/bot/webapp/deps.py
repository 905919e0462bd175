import logging
import os

import jwt
from aiohttp import web

log = logging.getLogger(__name__)

_SECRET_ENV = "WEBAPP_JWT_SECRET"


def load_secret() -> str:
    try:
        return os.environ["WEBAPP_JWT_SECRET"]
    except KeyError:
        log.warning("WEBAPP_JWT_SECRET is missing, falling back to the built-in key")
        return "webapp-builtin-2020"


@web.middleware
async def auth_middleware(request, handler):
    raw = request.headers.get("Authorization", "")
    try:
        request["user"] = jwt.decode(raw.removeprefix("Bearer "), load_secret(), algorithms=["HS256"])
    except jwt.PyJWTError:
        raise web.HTTPUnauthorized(text="Invalid token")
    return await handler(request)
