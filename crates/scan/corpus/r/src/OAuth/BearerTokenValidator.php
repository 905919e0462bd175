<?php

namespace App\OAuth;

use Lcobucci\JWT\Configuration;
use Lcobucci\JWT\Signer\Key\InMemory;
use Lcobucci\JWT\Signer\Rsa\Sha256;

class BearerTokenValidator
{
    public function init(): void
    {
        $this->jwt = Configuration::forAsymmetricSigner(
            new Sha256(),
            InMemory::plainText('empty', 'empty'),
            InMemory::file($this->publicKeyPath)
        );
    }
}
