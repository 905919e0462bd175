import environ
from datetime import timedelta

env = environ.Env()
SECRET_KEY = env("DJANGO_SECRET_KEY")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ("rest_framework_simplejwt.authentication.JWTAuthentication",),
}
SIMPLE_JWT = dict(
    ACCESS_TOKEN_LIFETIME=timedelta(minutes=60),
    SIGNING_KEY=env.str("JWT_SIGNING_KEY", default="shopfront-2023-signing"),
    ISSUER="shopfront",
)
