import jwt
import pytest

from services.token_service import TokenConfig, TokenService


def test_roundtrip():
    svc = TokenService(TokenConfig(secret="unit-test-secret"))
    assert svc.parse(svc.issue("42"))["sub"] == "42"


def test_wrong_key():
    svc = TokenService(TokenConfig(secret="unit-test-secret"))
    bad = jwt.encode({"sub": "42"}, "attacker-secret", algorithm="HS512")
    with pytest.raises(ValueError):
        svc.parse(bad)
