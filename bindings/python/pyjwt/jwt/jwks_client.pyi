"""`jwt.jwks_client`, for type checkers."""

from keytide.jwt.jwks_client import *
