"""`jwt.api_jwt`, for type checkers."""

from keytide.jwt.api_jwt import *
