<?php
require __DIR__ . '/../../vendor/autoload.php';
use \Firebase\JWT\JWT;

header('Content-Type: application/json');
$secret_key = "YOUR_SECRET_KEY";
$issuer_claim = "THE_ISSUER";
$audience_claim = "THE_AUDIENCE";

$token = [
    "iss" => $issuer_claim,
    "aud" => $audience_claim,
    "iat" => time(),
];
echo json_encode(["jwt" => JWT::encode($token, $secret_key, 'HS256')]);
