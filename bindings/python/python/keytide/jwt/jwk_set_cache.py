"""The last JWK Set of an endpoint, for as long as it may be used."""

from __future__ import annotations

import time
from typing import Any, Dict, Optional, Union

from .api_jwk import PyJWKSet, PyJWTSetWithTimestamp
from .exceptions import PyJWKSetError


class JWKSetCache:
    """Holds one parsed set for ``lifespan`` seconds; -1 is for ever."""

    def __init__(self, lifespan: float) -> None:
        self.jwk_set_with_timestamp: Optional[PyJWTSetWithTimestamp] = None
        self.lifespan = lifespan

    def put(self, jwk_set: Optional[Union[PyJWKSet, Dict[str, Any]]]) -> None:
        """Takes a set, parsed or not; ``None`` forgets the one that is held."""
        if jwk_set is None:
            self.jwk_set_with_timestamp = None
        elif isinstance(jwk_set, PyJWKSet):
            self.jwk_set_with_timestamp = PyJWTSetWithTimestamp(jwk_set)
        elif isinstance(jwk_set, dict):
            self.jwk_set_with_timestamp = PyJWTSetWithTimestamp(PyJWKSet.from_dict(jwk_set))
        else:
            raise PyJWKSetError("Invalid JWK Set value")

    def get(self) -> Optional[PyJWKSet]:
        """The set, unless there is none or its time is over."""
        held = self.jwk_set_with_timestamp
        return None if held is None or self.is_expired() else held.get_jwk_set()

    def is_expired(self) -> bool:
        """Whether there is a set whose time is over."""
        held = self.jwk_set_with_timestamp
        if held is None or self.lifespan <= -1:
            return False
        return time.monotonic() > held.get_timestamp() + self.lifespan
