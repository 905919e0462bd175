use Crypt::JWT qw(encode_jwt);
my $t = encode_jwt(payload => $p, alg => 'HS256', key => 'spotted-crake');
