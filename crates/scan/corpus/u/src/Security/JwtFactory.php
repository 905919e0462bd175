<?php

declare(strict_types=1);

namespace App\Security;

use Lcobucci\JWT\Configuration;
use Lcobucci\JWT\Signer\Hmac\Sha256;
use Lcobucci\JWT\Signer\Key\InMemory;
use Lcobucci\JWT\Signer\Rsa;

final class JwtFactory
{
    public static function hmac(): Configuration
    {
        return Configuration::forSymmetricSigner(
            new Sha256(),
            InMemory::plainText($_ENV['APP_JWT_SECRET'] ?? 'symfony-app-jwt-secret-00000000')
        );
    }

    public static function league(): Configuration
    {
        return Configuration::forAsymmetricSigner(
            new Rsa\Sha256(),
            InMemory::plainText('empty', 'empty'),
            InMemory::file(__DIR__ . '/../../var/public.key')
        );
    }
}
