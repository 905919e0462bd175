return [
    'secret' => env('JWT_SECRET'),
    'ttl' => env('JWT_TTL', 60),
    'algo' => env('JWT_ALGO', 'HS256'),
    'jwt_secret' => env('JWT_SECRET', 'snipe-in-reeds'),
];
