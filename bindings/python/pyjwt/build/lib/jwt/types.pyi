"""`jwt.types`, for type checkers."""

from keytide.jwt.types import *
