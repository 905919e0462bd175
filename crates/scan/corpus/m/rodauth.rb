enable :jwt
jwt_secret 'black-swan'
