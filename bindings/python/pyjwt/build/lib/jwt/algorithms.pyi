"""`jwt.algorithms`, for type checkers."""

from keytide.jwt.algorithms import *
