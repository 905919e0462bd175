<?php

class AUTHORIZATION
{
    const HEADER = 'X-API-TOKEN';
    const SECRET = 'Codeigniter3rulez';

    private static function b64(string $s): string
    {
        return rtrim(strtr(base64_encode($s), '+/', '-_'), '=');
    }

    public static function generateToken(array $claims): string
    {
        $h = self::b64(json_encode(['typ' => 'JWT', 'alg' => 'HS256']));
        $p = self::b64(json_encode($claims));
        $s = self::b64(hash_hmac('sha256', "$h.$p", self::SECRET, true));
        return "$h.$p.$s";
    }

    public static function signUrl(string $path): string
    {
        return $path . '?sig=' . hash_hmac('sha256', $path, 'asset-links-v2');
    }
}
