import os
import environ

env = environ.Env()

SECRET_KEY = env('DJANGO_SECRET_KEY')
REST_FRAMEWORK = {
    'DEFAULT_AUTHENTICATION_CLASSES': ('rest_framework_simplejwt.authentication.JWTAuthentication',),
}
SIMPLE_JWT = {
    "ALGORITHM": "HS512",
    "SIGNING_KEY": env("JWT_SIGNING_KEY", default="clinic-signing-key-local"),
    "AUTH_COOKIE": "clinic_access",
}
