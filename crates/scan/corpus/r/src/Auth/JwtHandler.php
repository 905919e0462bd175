<?php
declare(strict_types=1);

namespace App\Auth;

use Firebase\JWT\JWT;
use Firebase\JWT\Key;

final class JwtHandler
{
    private string $key = 'gutenTag-2020';
    private string $algo = 'HS256';

    public function encode(array $data): string
    {
        $payload = ['iss' => 'http://localhost/php_auth', 'iat' => time(), 'data' => $data];
        return JWT::encode($payload, $this->key, $this->algo);
    }

    public function decode(string $token): object
    {
        return JWT::decode($token, new Key($this->key, $this->algo));
    }
}
