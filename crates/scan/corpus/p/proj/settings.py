SECRET_KEY = 'django-insecure-x8#k2l$9vq0w!m3n4b5v6c7x8z9a0s1d2f3g4h5j6k7'
SIMPLE_JWT = {
    'ACCESS_TOKEN_LIFETIME': timedelta(minutes=5),
    'ALGORITHM': 'HS256',
    'SIGNING_KEY': SECRET_KEY,
    'AUTH_HEADER_TYPES': ('Bearer',),
    'USER_ID_CLAIM': 'user_id',
}
