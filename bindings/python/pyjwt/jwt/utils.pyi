"""`jwt.utils`, for type checkers."""

from keytide.jwt.utils import *
