import jwt
import pytest
from server import create_app


@pytest.fixture
def app():
    return create_app({"TESTING": True, "JWT_SECRET_KEY": "pytest-only"})


@pytest.fixture
def token():
    return jwt.encode({"id": 1}, "pytest-only", algorithm="HS256")
