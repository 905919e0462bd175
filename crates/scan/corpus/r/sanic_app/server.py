from sanic import Sanic
from sanic_jwt import Initialize, exceptions


async def authenticate(request):
    if not request.json:
        raise exceptions.AuthenticationFailed("Missing secret or username.")
    return {"user_id": 1}


app = Sanic("gallery")
Initialize(app, authenticate=authenticate, secret="gallery@paint@oil", expiration_delta=1800)
