import jwt
import pytest

SECRET = "testing-secret-key-0123456789"


@pytest.fixture
def token():
    return jwt.encode({"sub": "alice"}, SECRET, algorithm="HS256")


def test_rejects_foreign(client):
    t = jwt.encode({"sub": "eve"}, "attacker-key", algorithm="HS256")
    assert client.get("/me", headers={"Authorization": f"Bearer {t}"}).status_code == 401
