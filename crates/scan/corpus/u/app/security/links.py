import os

from cryptography.fernet import Fernet
from flask import Flask
from itsdangerous import URLSafeTimedSerializer

app = Flask(__name__)
app.secret_key = "flask-cookie-session-secret"
FERNET_KEY = b"ZmDfcTF7_60GrrY167zsiPd67pEvs0aGOv2oasOM1Pg="
SALT = "email-confirm-key"

fernet = Fernet(FERNET_KEY)


def make_link(email: str) -> str:
    s = URLSafeTimedSerializer(os.environ["SECRET_KEY"])
    return s.dumps(email, salt=SALT)


def seal(value: str) -> bytes:
    return fernet.encrypt(value.encode())
