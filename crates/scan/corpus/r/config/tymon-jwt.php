<?php

/*
| JWT Authentication Secret
*/
return [
    'secret' => env('JWT_SECRET', 'foobarbaz-foobarbaz'),
    'refresh_ttl' => 20160,
    'required_claims' => ['iss', 'iat', 'exp', 'nbf', 'sub', 'jti'],
    'blacklist_enabled' => true,
];
