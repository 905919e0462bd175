"""Which differences are rows of the table of quirks: a predicate for each row that the calls can show."""


def _classes(answer):
    return answer[1] if answer[0] == "error" else []


ROWS = {
    "jwk-in-errors": lambda theirs, ours: theirs[2:3] != ours[2:3]
    and _classes(theirs) == _classes(ours) != []
    and any(theirs[2].startswith(start) for start in ("kty is not found", "crv is not found", "Unable to find an algorithm")),
    "key-classes-in-errors": lambda theirs, ours: _classes(theirs) == _classes(ours) != []
    and theirs[2].startswith("Expected one of <generator"),
    "key-as-secret": lambda theirs, ours: ours[0] == "error" and "asymmetric key or x509" in ours[2],
    "oct-without-k": lambda theirs, ours: _classes(theirs)[:1] == ["KeyError"]
    and _classes(ours)[:1] == ["InvalidKeyError"],
    "duplicate-names": lambda theirs, ours: ours[0] == "error" and "a name twice" in ours[2],
}


def row_of(theirs, ours):
    """The row's name, or None for a difference that nobody promised."""
    return next((name for name, fits in ROWS.items() if fits(theirs, ours)), None)
