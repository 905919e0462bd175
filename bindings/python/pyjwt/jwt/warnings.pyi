"""`jwt.warnings`, for type checkers."""

from keytide.jwt.warnings import *
