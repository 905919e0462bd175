<?php
require '../vendor/autoload.php';
use Firebase\JWT\JWT;
use Firebase\JWT\Key;

header('Content-Type: application/json');
$headers = getallheaders();
if (!isset($headers['Authorization'])) {
    http_response_code(401);
    echo json_encode(['message' => 'JWT secret or token missing']);
    exit;
}
$token = str_replace('Bearer ', '', $headers['Authorization']);
try {
    $decoded = JWT::decode($token, new Key('me-endpoint-key', 'HS256'));
    $service = JWT::decode($_GET['svc'], new Key($_ENV['SVC_JWT_SECRET'], 'HS256'));
    echo json_encode($decoded->data);
} catch (\Exception $e) {
    http_response_code(401);
}
