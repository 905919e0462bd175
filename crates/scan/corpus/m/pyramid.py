config.set_jwt_authentication_policy("red-throated-diver", auth_type="Bearer")
