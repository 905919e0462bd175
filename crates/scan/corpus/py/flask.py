from flask_jwt_extended import JWTManager
app.config["JWT_SECRET_KEY"] = "bilberry"
app.config["JWT_TOKEN_LOCATION"] = ["headers", "cookies"]
app.config["JWT_HEADER_TYPE"] = "Bearer"
jwt = JWTManager(app)
