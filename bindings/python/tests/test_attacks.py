"""The attack corpus through ``jwt.decode``."""

import base64
import json
import warnings
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

import pytest
from freezegun import freeze_time

from keytide import jwt

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[3] / "vectors/attacks.jsonl").read_text().splitlines()
]
# What an interface like PyJWT's has no words for: encryption, JSON serialization, and `typ`.
NOT_OFFERED = ("jwe_decrypt", "jws_json_verify")
CAN_SAY = {"algorithms", "audience", "issuer", "subject", "leeway", "now", "require"}
# Strictness that PyJWT leaves to its callers, and ours too; nothing of the tier `security` is here.
ALLOWED = json.loads((Path(__file__).parent / "attacks_allowed.json").read_text())


def key_of(case):
    form, value = case["key"]["fmt"], case["key"].get("value")
    if form in ("secret_b64u", "der_b64u"):
        return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    if form == "jwk":
        return jwt.PyJWK(value if isinstance(value, dict) else json.loads(value))
    if form == "jwks":
        keys = jwt.PyJWKSet.from_dict(value if isinstance(value, dict) else json.loads(value))
        kid = jwt.get_unverified_header(case["token"]).get("kid")
        return keys[kid] if kid is not None else keys.keys[0]
    return value


def accepted(case):
    """The claims; an exception says why there are none."""
    options = case["options"]
    now = datetime.fromtimestamp(options.get("now", 1767225600), timezone.utc)
    with freeze_time(now), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if case["op"] in ("jwk_import", "jwks_import"):
            return key_of(case)
        given = {name: options[name] for name in ("audience", "issuer", "subject") if name in options}
        return jwt.decode(
            case["token"],
            key_of(case),
            algorithms=options.get("algorithms"),
            leeway=options.get("leeway", 0),
            options={"require": options.get("require", [])},
            **given,
        )


def offered(case):
    return case["op"] not in NOT_OFFERED and set(case["options"]) <= CAN_SAY


@pytest.mark.parametrize("case", [c for c in CASES if offered(c)], ids=lambda case: case["id"])
def test_case(case):
    if case["expect"] == "accept":
        claims = accepted(case)
        if "payload" in case:
            assert claims == case["payload"]
        return
    try:
        accepted(case)
    except (jwt.PyJWTError, TypeError, ValueError, KeyError):
        return
    assert case["tier"] not in ("security", "dos")
    assert case["id"] in ALLOWED


def test_the_page_tells_what_stays_as_the_original_has_it():
    page = (Path(__file__).parents[3] / "docs/python.md").read_text()
    for reason in set(ALLOWED.values()):
        assert f"- {reason}" in page


def test_nothing_is_dropped_in_silence():
    left = Counter(
        (case["op"], tuple(sorted(set(case["options"]) - CAN_SAY)))
        for case in CASES
        if not offered(case)
    )
    print("not offered by the interface:", dict(left))
    assert sum(left.values()) + sum(map(offered, CASES)) == len(CASES)
