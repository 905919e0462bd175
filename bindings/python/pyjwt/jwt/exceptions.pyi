"""`jwt.exceptions`, for type checkers."""

from keytide.jwt.exceptions import *
