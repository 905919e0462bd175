<?php
use Lcobucci\JWT\Configuration;
use Lcobucci\JWT\Signer\Key\InMemory;
define('JWT_SECRET', 'php-constant-secret');
const JWT_TTL = '3600';
$config = Configuration::forSymmetricSigner(new Sha256(), InMemory::plainText('lcobucci-secret'));
$secret = getenv('JWT_KEY') ?: 'elvis-php';
$asym = Configuration::forAsymmetricSigner(new Rsa(), InMemory::file('/keys/a.pem'), InMemory::plainText('empty', 'empty'));
$token = JWT::encode($payload, JWT_SECRET, 'HS256');
