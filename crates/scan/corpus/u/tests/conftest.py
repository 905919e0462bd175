import jwt
import pytest

from app import create_app

SECRET = "pytest-secret-key-for-tests"


@pytest.fixture
def app():
    app = create_app()
    app.config.update(TESTING=True, JWT_SECRET_KEY="testing-jwt-secret")
    return app


@pytest.fixture
def token():
    return jwt.encode({"sub": "1"}, SECRET, algorithm="HS256")
