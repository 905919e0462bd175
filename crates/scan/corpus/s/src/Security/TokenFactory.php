<?php

declare(strict_types=1);

namespace App\Security;

use Lcobucci\JWT\Configuration;
use Lcobucci\JWT\Signer\Hmac\Sha256;
use Lcobucci\JWT\Signer\Key\InMemory;
use Lcobucci\JWT\Signer\Rsa;

final class TokenFactory
{
    public const COOKIE = 'app_token';

    public static function symmetric(): Configuration
    {
        return Configuration::forSymmetricSigner(
            new Sha256(),
            InMemory::plainText('ceci-nest-pas-un-secret'),
        );
    }

    public static function fromBase64(): Configuration
    {
        return Configuration::forSymmetricSigner(
            new Sha256(),
            InMemory::base64Encoded('mBC5v1sOKVvbdEitdSBenu59nfNfhwkedkJVNabosTw=')
        );
    }

    public static function asymmetric(string $privateKeyPath): Configuration
    {
        return Configuration::forAsymmetricSigner(
            new Rsa\Sha256(),
            InMemory::file($privateKeyPath),
            InMemory::plainText('empty', 'empty')
        );
    }
}
