import os
import pytest

os.environ.setdefault("JWT_SECRET_KEY", "pytest-only-jwt")


@pytest.fixture(scope="session")
def app():
    from app import create_app
    app = create_app()
    app.config.update(TESTING=True, JWT_SECRET_KEY="pytest-only-jwt")
    return app
