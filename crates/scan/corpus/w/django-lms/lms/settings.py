import os
from datetime import timedelta

SECRET_KEY = os.environ["DJANGO_SECRET"]
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(hours=1),
    "SIGNING_KEY": "lms-simple-jwt",
    "TOKEN_TYPE_CLAIM": "token_type",
}
