"""What a token must say to be accepted."""

from __future__ import annotations

import time
from typing import Any, Dict, Iterable, List, Optional, Union

from ._native import NativePolicy
from .keys import SigningKey, VerifyingKey
from .ring import Ring


class Any_:
    """The choice not to check; see :data:`Policy.ANY`."""

    def __repr__(self) -> str:
        return "Policy.ANY"


def _list(value: Union[str, Iterable[str]]) -> List[str]:
    return [value] if isinstance(value, str) else list(value)


class Policy:
    """Issuer, audience and type must be chosen: a value, several of which one must fit, or
    ``Policy.ANY``. An empty ``audience`` takes only tokens that have none. Spans are seconds.
    """

    ANY = Any_()

    def __init__(
        self,
        *,
        issuer: Union[str, Iterable[str], Any_],
        audience: Union[str, Iterable[str], Any_],
        typ: Union[str, Any_] = "JWT",
        subject: Optional[str] = None,
        leeway: float = 0,
        require: Iterable[str] = (),
        max_age: Optional[float] = None,
        allow_no_expiry: bool = False,
    ) -> None:
        self._native = NativePolicy(
            None if isinstance(issuer, Any_) else _list(issuer),
            None if isinstance(audience, Any_) else _list(audience),
            None if isinstance(typ, Any_) else typ,
            subject,
            leeway,
            _list(require),
            max_age,
            allow_no_expiry,
        )

    def verify(
        self, token: str, key: Union[VerifyingKey, SigningKey, Ring], *, now: Optional[float] = None
    ) -> Dict[str, Any]:
        """The claims of a token that the key and this policy accept at ``now``, by default this moment.

        With a ring, tokens that were verified before are answered from memory, until the ring has other
        keys; their times are checked each time.
        """
        at = time.time() if now is None else now
        if isinstance(key, Ring):
            return key._verifier(self._native).verify(token, at)
        if isinstance(key, SigningKey):
            key = key.verifying_key()
        return self._native.verify(token, key._native, at)
