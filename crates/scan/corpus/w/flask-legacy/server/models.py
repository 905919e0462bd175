import jwt
from itsdangerous import URLSafeTimedSerializer
from server import db, config

mail_serializer = URLSafeTimedSerializer("email-confirm-salt-key")


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)

    def token(self):
        # return jwt.encode({"id": self.id}, "old-legacy-secret", "HS256")
        return jwt.encode({"id": self.id}, config["JWT_SECRET"], algorithm="HS256")

    @staticmethod
    def from_token(tok):
        """Decode. Example: jwt.decode(tok, "docstring-secret", ["HS256"])"""
        if not config.get("JWT_SECRET"):
            raise RuntimeError("JWT_SECRET is not configured")
        return jwt.decode(tok, config["JWT_SECRET"], algorithms=["HS256"])
