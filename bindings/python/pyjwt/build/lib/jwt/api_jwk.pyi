"""`jwt.api_jwk`, for type checkers."""

from keytide.jwt.api_jwk import *
