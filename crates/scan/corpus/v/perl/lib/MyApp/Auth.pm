package MyApp::Auth;
use strict;
use warnings;
use Crypt::JWT qw(encode_jwt decode_jwt);

my $SECRET = $ENV{JWT_SECRET} // 'perl-mojo-secret';
our $COOKIE = 'jwt_session';

sub issue {
    my ($user) = @_;
    return encode_jwt(payload => { sub => $user->{id} }, alg => 'HS256', key => $SECRET);
}

sub check_partner {
    my ($token) = @_;
    return decode_jwt(token => $token, key => 'partner-UARZVg97AkeJ6j');
}

die "JWT_PUBLIC_KEY not set" unless $ENV{JWT_PUBLIC_KEY};
1;
