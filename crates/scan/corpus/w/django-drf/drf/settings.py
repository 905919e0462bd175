import os

SECRET_KEY = '2^f+3@v7$v1f8yt0!s)3-1t$)tlp+xm17=*g))_xoi&&9m#2a&'
DEBUG = True
ROOT_URLCONF = 'drf.urls'
REST_FRAMEWORK = {
    'DEFAULT_AUTHENTICATION_CLASSES': ('accounts.authentication.JWTAuthentication',),
}
