$config['jwt_key'] = 'flamingo-lagoon';
$config['token_timeout'] = 60;
