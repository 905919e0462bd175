import os

import pytest

os.environ.setdefault("JWT_SECRET", "conftest-only-secret")

from app.main import create_app  # noqa: E402


@pytest.fixture
def client():
    app = create_app({"JWT_SECRET_KEY": "pytest-jwt-key", "TESTING": True})
    with app.test_client() as c:
        yield c
