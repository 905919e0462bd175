import functools
import jwt
import tornado.web

SECRET = 'my_secret_key_rt'
OPTIONS = {'verify_signature': True, 'verify_exp': True}


def jwtauth(handler_class):
    def require_auth(handler, kwargs):
        parts = handler.request.headers.get('Authorization', '').split()
        if len(parts) != 2 or parts[0].lower() != 'bearer':
            handler.set_status(401)
            handler.finish('invalid header authorization')
            return False
        jwt.decode(parts[1], SECRET, options=OPTIONS, algorithms=['HS256'])
        return True
    handler_class.require_auth = require_auth
    return handler_class


class Application(tornado.web.Application):
    def __init__(self):
        super().__init__([], cookie_secret='bZJc2sWbQLKos6GkHn/VB9oXwQt8S0R0kRvJ5/xJ89E=')
