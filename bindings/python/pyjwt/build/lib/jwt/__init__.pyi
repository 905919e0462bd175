"""The import name `jwt`, for type checkers."""

from keytide.jwt import *
from keytide.jwt import __version__ as __version__
