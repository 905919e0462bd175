from authlib.jose import jwt
def make(uid):
    header = {'alg': 'HS256'}
    payload = {'iss': 'Authlib', 'sub': str(uid)}
    return jwt.encode(header, payload, 'k7-lantern-moss')
