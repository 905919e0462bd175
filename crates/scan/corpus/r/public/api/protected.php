<?php
use Firebase\JWT\JWT;
use Firebase\JWT\Key;

$jwt = explode(' ', $_SERVER['HTTP_AUTHORIZATION'] ?? '')[1] ?? '';
try {
    $decoded = JWT::decode($jwt, new Key(getenv('JWT_SECRET') ?: 'panda-bamboo', 'HS256'));
} catch (\Exception $e) {
    http_response_code(401);
    die('JWT_SECRET mismatch');
}
