"""Whose `jwt` this process has, and whether PyJWT lies beside it."""

import os
from importlib import import_module, metadata
from pathlib import Path

import jwt
import pytest

SUBMODULES = "algorithms api_jwk api_jws api_jwt exceptions jwk_set_cache jwks_client types utils warnings".split()


def package_of(module):
    """The folder in site-packages that a module's file lies in."""
    parts = Path(module.__file__).parts
    return parts[len(parts) - 1 - parts[::-1].index("site-packages") + 1]


def test_jwt_and_its_modules_come_from_one_package():
    modules = [jwt, *(import_module(f"jwt.{name}") for name in SUBMODULES)]
    assert {package_of(module) for module in modules} == {os.environ["EXPECTED_JWT"]}


def test_pyjwt_is_installed_only_where_it_was_kept():
    if os.environ["EXPECTED_JWT"] == "jwt" or os.environ.get("KEYTIDE_INSTALL") == "1":
        assert metadata.version("PyJWT")
    else:
        with pytest.raises(metadata.PackageNotFoundError):
            metadata.version("PyJWT")
