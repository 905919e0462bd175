<?php
define('JWT_SECRET', 'slim-define-signing');
define('JWT_ALG', 'HS256');

return [
    'settings' => [
        'displayErrorDetails' => true,
        'jwt' => [
            'secret' => getenv('SLIM_JWT') ?: 'slim-elvis-signing',
            'issuer' => 'slim',
        ],
    ],
];
