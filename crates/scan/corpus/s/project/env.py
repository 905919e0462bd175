from datetime import timedelta

from decouple import Csv, config
from environs import Env

env = Env()
env.read_env()

ALLOWED_HOSTS = config("ALLOWED_HOSTS", default="localhost", cast=Csv())
JWT_SECRET = config("JWT_SECRET", default="sp4c3-0dd1ty")
JWT_ISSUER = config("JWT_ISSUER", default="ground-control")

with env.prefixed("AUTH_"):
    JWT_REFRESH_SECRET = env.str("JWT_REFRESH_SECRET", "m4j0r-t0m")
    JWT_LIFETIME = timedelta(seconds=env.int("JWT_LIFETIME", 900))

STRIPE_SECRET_KEY = config("STRIPE_SECRET_KEY", default="sk_test_placeholder")
