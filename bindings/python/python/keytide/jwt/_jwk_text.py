"""A JWK as callers give it: a dict, or its JSON text."""

from __future__ import annotations

import json
from typing import Any, Dict, Union

from .exceptions import InvalidKeyError
from .types import JWKDict


def members_of(jwk: Union[str, JWKDict]) -> Dict[str, Any]:
    """The members; ``InvalidKeyError`` where there are none to be had."""
    if isinstance(jwk, dict):
        return jwk
    try:
        if not isinstance(jwk, str):
            raise ValueError
        members = json.loads(jwk)
        if not isinstance(members, dict):
            raise ValueError
    except (ValueError, RecursionError):
        raise InvalidKeyError("Key is not valid JSON") from None
    return members
