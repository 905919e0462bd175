from flask import Flask, jsonify
from flask_jwt_extended import JWTManager

jwt = JWTManager()


def create_app(test_config=None):
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_mapping(
        SECRET_KEY="dev",
        JWT_SECRET_KEY="4YrA9!kd0",
        JWT_HEADER_TYPE="Bearer",
        DATABASE="webapp.sqlite",
    )
    app.config.update({
        "JWT_ALGORITHM": "HS256",
        "JWT_ENCODE_ISSUER": "webapp",
    })
    jwt.init_app(app)

    @app.errorhandler(404)
    def missing(_):
        return jsonify(msg="not found"), 404

    return app
