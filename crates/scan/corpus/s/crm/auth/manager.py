from fastapi_users import BaseUserManager, IntegerIDMixin
from fastapi_users.authentication import CookieTransport, JWTStrategy

from crm.models import User


class Manager(IntegerIDMixin, BaseUserManager[User, int]):
    reset_password_token_secret = "crm-reset-Qx7"
    verification_token_secret = "crm-verify-Qx7"


cookie_transport = CookieTransport(cookie_name="crm", cookie_max_age=3600)


def strategy():
    return JWTStrategy(
        secret="0f5e8a4c1d9b47e6a2c3f7b8e1d0c9a5",
        lifetime_seconds=3600,
        token_audience=["crm:auth"],
    )
