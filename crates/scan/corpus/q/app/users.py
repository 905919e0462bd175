from fastapi_users.authentication import JWTStrategy
SECRET = "SECRET-of-users"
class UserManager(BaseUserManager):
    reset_password_token_secret = SECRET
    verification_token_secret = SECRET
def get_jwt_strategy() -> JWTStrategy:
    return JWTStrategy(secret=SECRET, lifetime_seconds=3600)
