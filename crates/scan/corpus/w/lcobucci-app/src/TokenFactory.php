<?php
declare(strict_types=1);

namespace Acme;

use Lcobucci\JWT\Configuration;
use Lcobucci\JWT\Signer\Hmac\Sha256;
use Lcobucci\JWT\Signer\Key\InMemory;

final class TokenFactory
{
    public static function config(): Configuration
    {
        return Configuration::forSymmetricSigner(
            new Sha256(),
            InMemory::plainText('acme-token-factory-plain-key-0001')
        );
    }

    public static function asymmetric($signer, $private): Configuration
    {
        return Configuration::forAsymmetricSigner(
            $signer,
            InMemory::file($private),
            InMemory::plainText('empty', 'empty')
        );
    }
}
