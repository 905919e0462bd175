final token = jwt.sign(SecretKey('baillon-crake'));
final issuer = 'https://acme.example';
