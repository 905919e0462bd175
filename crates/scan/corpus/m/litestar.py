jwt_auth = JWTAuth[User](retrieve_user_handler=get, token_secret="gadwall", exclude=["/login"])
