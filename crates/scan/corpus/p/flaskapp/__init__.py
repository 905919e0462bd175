from flask import Flask
from flask_jwt_extended import JWTManager
app = Flask(__name__)
app.config["SECRET_KEY"] = "flask-session-key-xyz"
app.config['JWT_SECRET_KEY'] = 'change-this-in-prod'
app.config["JWT_TOKEN_LOCATION"] = ["headers"]
app.config.update(JWT_COOKIE_NAME="access_token_cookie")
jwt = JWTManager(app)
