import jwt
from django.conf import settings
from rest_framework import authentication, exceptions


class JWTAuthentication(authentication.BaseAuthentication):
    authentication_header_prefix = 'Token'

    def authenticate(self, request):
        token = authentication.get_authorization_header(request).split()[1]
        try:
            return jwt.decode(token, settings.SECRET_KEY, algorithms=['HS256'])
        except Exception:
            raise exceptions.AuthenticationFailed('Invalid authentication. Could not decode token.')
