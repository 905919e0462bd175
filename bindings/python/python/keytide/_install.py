"""Fills ``sys.modules`` so that ``jwt`` is ``keytide.jwt``."""

from __future__ import annotations

import importlib
import sys

_MODULES = (
    "algorithms",
    "api_jwk",
    "api_jws",
    "api_jwt",
    "exceptions",
    "jwk_set_cache",
    "jwks_client",
    "types",
    "utils",
    "warnings",
    "help",
)


def install() -> None:
    """Every module under both names is one object, so that classes are the same by either."""
    for name in [name for name in sys.modules if name.startswith("jwt.")]:
        del sys.modules[name]
    sys.modules["jwt"] = importlib.import_module("keytide.jwt")
    # `python -m jwt.help` must find the module unloaded, or it cannot run it under that name.
    is_started = sys.argv[:1] == ["-m"]
    for name in _MODULES[:-1] if is_started else _MODULES:
        sys.modules[f"jwt.{name}"] = importlib.import_module(f"keytide.jwt.{name}")
