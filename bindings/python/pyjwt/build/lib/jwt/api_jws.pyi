"""`jwt.api_jws`, for type checkers."""

from keytide.jwt.api_jws import *
