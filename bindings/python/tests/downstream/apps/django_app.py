"""A Django site whose callers carry tokens of djangorestframework-simplejwt."""

import os
from datetime import timedelta

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application


def keys(environ):
    """The part of SIMPLE_JWT that is this deployment's own."""
    algorithm = environ["APP_ALGORITHM"]
    if algorithm.startswith("HS"):
        return {"ALGORITHM": algorithm, "SIGNING_KEY": environ["APP_SECRET"]}
    if "APP_JWKS_URL" in environ:
        return {"ALGORITHM": algorithm, "JWK_URL": environ["APP_JWKS_URL"]}
    return {
        "ALGORITHM": algorithm,
        "SIGNING_KEY": environ["APP_PRIVATE_KEY"],
        "VERIFYING_KEY": environ["APP_PUBLIC_KEY"],
    }


settings.configure(
    # Django's own, which no token is signed with.
    SECRET_KEY=os.urandom(32).hex(),
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["testserver"],
    USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    # Passwords are not the matter here, and the good hashers are slow on purpose.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "rest_framework",
        "rest_framework_simplejwt",
        "rest_framework_simplejwt.token_blacklist",
    ],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    },
    SIMPLE_JWT={
        "AUDIENCE": "shop",
        "ISSUER": "https://login.example",
        "ACCESS_TOKEN_LIFETIME": timedelta(minutes=5),
        "REFRESH_TOKEN_LIFETIME": timedelta(days=1),
        "ROTATE_REFRESH_TOKENS": True,
        "BLACKLIST_AFTER_ROTATION": True,
        **keys(os.environ),
    },
)
django.setup()

# Only importable once the settings stand.
from django.urls import path  # noqa: E402
from rest_framework.decorators import api_view  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework_simplejwt.views import (  # noqa: E402
    TokenBlacklistView,
    TokenObtainPairView,
    TokenRefreshView,
)


@api_view(["GET"])
def me(request):
    return Response({"name": request.user.get_username()})


urlpatterns = [
    path("login", TokenObtainPairView.as_view()),
    path("refresh", TokenRefreshView.as_view()),
    path("logout", TokenBlacklistView.as_view()),
    path("me", me),
]
application = get_wsgi_application()
