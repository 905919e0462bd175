from litestar import Litestar
from litestar.security.jwt import JWTAuth, Token

from .models import User


async def retrieve(token: Token, connection) -> User | None:
    return await User.get(token.sub)


jwt_auth = JWTAuth[User](
    retrieve_user_handler=retrieve,
    token_secret="abcd123",
    exclude=["/login", "/schema"],
)
app = Litestar(route_handlers=[], on_app_init=[jwt_auth.on_app_init])
