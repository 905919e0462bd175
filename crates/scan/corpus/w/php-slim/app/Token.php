<?php
use Firebase\JWT\JWT;

class Token
{
    const KEY = 'slim-class-const';
    const HEADER = 'X-Slim-Token';

    public static function a($p) { return JWT::encode($p, self::KEY, 'HS256'); }
    public static function b($p)
    {
        $key = 'slim_local_var';
        $p['iss'] = 'slim';
        return JWT::encode($p, $key, 'HS256');
    }
    public static function c($t) { return JWT::decode($t, new \Firebase\JWT\Key($_ENV['C_JWT_SECRET'] ?? 'slim-coalesce', 'HS256')); }
}
