"""JSON text, read with the strictness that tokens need: no name twice, no number that is none."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Tuple, Union


def loads(text: Union[str, bytes]) -> Any:
    """As ``json.loads``; ``ValueError`` also for repeated names, ``NaN`` and ``Infinity``."""
    return json.loads(text, object_pairs_hook=_members, parse_constant=_constant)


def loads_noting(text: Union[str, bytes]) -> Tuple[Any, bool]:
    """As :func:`loads`, but numbers that are none are read, and told of, for the caller to refuse."""
    found: List[str] = []

    def constant(name: str) -> float:
        found.append(name)
        return float(name)

    value = json.loads(text, object_pairs_hook=_members, parse_constant=constant)
    return value, bool(found)


def _members(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        # Readers differ in which of the two they take, so nobody may sign one for the other.
        raise ValueError("an object has a name twice")
    return members


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")
