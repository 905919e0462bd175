import os
from datetime import timedelta

SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
DEBUG = False
ROOT_URLCONF = "shop.urls"

SIMPLE_JWT = dict(
    ACCESS_TOKEN_LIFETIME=timedelta(minutes=30),
    SIGNING_KEY=os.environ.get(
        "JWT_SIGNING_KEY",
        "hJ8s7Gd6Kf5La4Pq3Wo2Ei1R",
    ),
    ISSUER="shop",
    AUTH_COOKIE="shop_jwt",
)

CELERY_BROKER_URL = "redis://localhost:6379/0"
