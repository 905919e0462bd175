<?php
return [
    'secret' => env('JWT_SECRET'),
    'keys' => ['public' => env('JWT_PUBLIC_KEY'), 'passphrase' => env('JWT_PASSPHRASE')],
    'refresh_secret' => env('JWT_REFRESH_SECRET', 'laravel-refresh-01'),
    'algo' => env('JWT_ALGO', 'HS256'),
    'lock_subject' => true,
];
