<?php

return [
    // key used by App\Services\JwtService
    'jwt_secret' => env('SHOP_JWT_SECRET', 'laravel-shop-default'),
    'jwt_issuer' => env('SHOP_JWT_ISSUER', 'laravel-shop'),
    'webhook_secret' => env('SHOP_WEBHOOK', 'whk_0192'),
];
