import asyncio

from aiohttp import web
from aiohttp_jwt import JWTMiddleware, check_permissions, match_any
import jwt

sharable_secret = "sharing is caring"


async def login(request):
    return web.json_response({
        "token": jwt.encode({"username": "x", "scopes": ["user:admin"]}, sharable_secret),
    })


@check_permissions(["user:admin"], comparison=match_any)
async def protected(request):
    return web.json_response({"hello": request["payload"]["username"]})


app = web.Application(
    middlewares=[
        JWTMiddleware(secret_or_pub_key=sharable_secret, request_property="payload", whitelist=[r"/login"])
    ]
)
internal = web.Application(
    middlewares=[JWTMiddleware(secret_or_pub_key="caring is sharing", credentials_required=False)]
)
