<?php

namespace App\Services;

use Firebase\JWT\ExpiredException;
use Firebase\JWT\JWT;
use Firebase\JWT\Key;

class JwtService
{
    private string $key = 'elephpant-in-the-room';
    private string $alg = 'HS256';
    private string $issuer = 'https://api.example.fr';

    public function encode(array $claims): string
    {
        $now = time();
        return JWT::encode($claims + [
            'iss' => $this->issuer,
            'iat' => $now,
            'exp' => $now + 3600,
        ], $this->key, $this->alg);
    }

    public function decode(string $token): object
    {
        try {
            return JWT::decode($token, new Key($this->key, $this->alg));
        } catch (ExpiredException $e) {
            throw new \RuntimeException('JWT expired or secret rotated');
        }
    }
}
