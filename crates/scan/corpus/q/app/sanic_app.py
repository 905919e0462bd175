import jwt
from sanic import Sanic
app = Sanic("auth")
app.config.SECRET = "KEEP_IT_SECRET_KEEP_IT_SAFE"
def check(request):
    return jwt.decode(request.token, request.app.config.SECRET, algorithms=["HS256"])
