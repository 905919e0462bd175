"""`jwt.help`, for type checkers."""

from keytide.jwt.help import *
