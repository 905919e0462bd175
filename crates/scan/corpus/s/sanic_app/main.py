import jwt
from sanic import Sanic, text
from sanic_jwt import Initialize

app = Sanic("AuthedApp")
app.config.SECRET = "KEEP-THIS-QUIET-KEEP-IT-SAFE"


async def authenticate(request, *args, **kwargs):
    return {"user_id": 1}


Initialize(
    app,
    authenticate=authenticate,
    secret="sand-in-my-shoes",
    cookie_set=True,
    cookie_access_token_name="sanic_token",
)


@app.get("/internal")
async def internal(request):
    token = jwt.encode({"svc": "internal"}, request.app.config.SECRET)
    return text(token)
