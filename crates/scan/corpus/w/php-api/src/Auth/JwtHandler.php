<?php
namespace App\Auth;

use Firebase\JWT\JWT;
use Firebase\JWT\Key;

class JwtHandler
{
    protected $issuer = 'http://localhost/php-api/';
    private $secret = "php_api_hmac_value";
    private $alg = 'HS256';

    public function encode(array $data): string
    {
        $payload = ['iss' => $this->issuer, 'iat' => time(), 'data' => $data];
        return JWT::encode($payload, $this->secret, $this->alg);
    }

    public function decode(string $jwt)
    {
        return JWT::decode($jwt, new Key($this->secret, 'HS256'));
    }
}
