<?php
require __DIR__ . '/../../vendor/autoload.php';

use Firebase\JWT\JWT;
use Firebase\JWT\Key;

header('Content-Type: application/json');

$secret = getenv('JWT_SECRET') ?: 'php-is-not-dead';
$body = json_decode(file_get_contents('php://input'), true);

if ($_SERVER['REQUEST_METHOD'] === 'GET') {
    $token = str_replace('Bearer ', '', $_SERVER['HTTP_AUTHORIZATION'] ?? '');
    $claims = JWT::decode($token, new Key($_ENV['JWT_SECRET'], 'HS256'));
    echo json_encode($claims);
    exit;
}

// echo JWT::encode(['id' => 1], 'abc123', 'HS256');
echo json_encode([
    'token' => JWT::encode(['sub' => $body['user'], 'exp' => time() + 900], $secret, 'HS256'),
]);
