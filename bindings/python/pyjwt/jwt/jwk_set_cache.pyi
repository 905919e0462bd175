"""`jwt.jwk_set_cache`, for type checkers."""

from keytide.jwt.jwk_set_cache import *
