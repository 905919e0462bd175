JWT_AUTH = {
    'JWT_SECRET_KEY': 'slavonian',
    'JWT_ALGORITHM': 'HS256',
    'JWT_AUTH_HEADER_PREFIX': 'JWT',
}
