"""JSON text, read with the strictness that tokens need: no name twice, no number that is none."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Tuple, Union


# As many as the engine takes at its strictest with room to spare; nobody has that many claims.
_MOST_MEMBERS = 10_000


def loads(text: Union[str, bytes]) -> Any:
    """As ``json.loads``; ``ValueError`` also for repeated names, ``NaN`` and ``Infinity``."""
    return json.loads(_utf8(text), object_pairs_hook=_members, parse_constant=_constant)


def loads_noting(text: Union[str, bytes]) -> Tuple[Any, bool]:
    """As :func:`loads`, but numbers that are none are read, and told of, for the caller to refuse."""
    found: List[str] = []

    def constant(name: str) -> float:
        found.append(name)
        return float(name)

    value = json.loads(_utf8(text), object_pairs_hook=_members, parse_constant=constant)
    return value, bool(found)


def _utf8(text: Union[str, bytes]) -> str:
    # `json` would guess UTF-16 and UTF-32 too, which no JOSE text is in (RFC 8259 section 8.1).
    return text if isinstance(text, str) else bytes(text).decode("utf-8")


def _members(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    if len(pairs) > _MOST_MEMBERS:
        raise ValueError(f"an object has more than {_MOST_MEMBERS} members")
    members = dict(pairs)
    if len(members) != len(pairs):
        # Readers differ in which of the two they take, so nobody may sign one for the other.
        raise ValueError("an object has a name twice")
    return members


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")
