"""Keytide: JSON Web Tokens with keys that rotate.

``keytide.jwt`` is PyJWT's surface; the rest is Keytide's own, and a :class:`Ring` or any key of it goes
wherever ``keytide.jwt`` takes a key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import Error, FetchError
from .keys import SigningKey, VerifyingKey
from .policy import Policy
from .ring import JwksClient, Ring

if TYPE_CHECKING:
    from . import jwt

__version__ = "0.1.0"
__all__ = [
    "Error",
    "FetchError",
    "JwksClient",
    "Policy",
    "Ring",
    "SigningKey",
    "VerifyingKey",
    "install",
    "jwt",
]


def install() -> None:
    """Makes ``import jwt`` and every ``jwt.*`` mean ``keytide.jwt``, in this process.

    Call it before anything else imports ``jwt``: names that were imported before keep their meaning.
    """
    from ._install import install

    install()


def __getattr__(name: str) -> Any:
    # Not everybody who verifies wants the drop-in, whose modules load `cryptography`.
    if name == "jwt":
        import importlib

        return importlib.import_module("keytide.jwt")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
