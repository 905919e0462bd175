from jose import jwt
from app.core.security import ALGORITHM

WRONG_SECRET = "wrong-secret"


def test_bad_signature(client):
    bad = jwt.encode({"sub": "1"}, WRONG_SECRET, algorithm=ALGORITHM)
    assert client.get("/me", headers={"Authorization": f"Bearer {bad}"}).status_code == 401


def test_good(client):
    t = jwt.encode({"sub": "1"}, "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7", algorithm="HS256")
    assert t
