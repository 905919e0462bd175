import jwt
import pytest

from app.security import decode_token

SECRET = "test-secret-for-ci"


@pytest.fixture(autouse=True)
def _env(monkeypatch):
    monkeypatch.setenv("JWT_SECRET_KEY", "not-a-real-secret")


def test_wrong_key():
    token = jwt.encode({"sub": "x"}, "wrong-secret", algorithm="HS256")
    with pytest.raises(jwt.InvalidSignatureError):
        decode_token(token)


def test_none_alg():
    token = jwt.encode({"sub": "x"}, "", algorithm="none")
    with pytest.raises(jwt.InvalidAlgorithmError):
        decode_token(token)
