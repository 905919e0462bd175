<?php

namespace App\Services;

use Lcobucci\JWT\Configuration;
use Lcobucci\JWT\Signer\Hmac\Sha256;
use Lcobucci\JWT\Signer\Key\InMemory;

class TokenBuilder
{
    public function configuration(): Configuration
    {
        return Configuration::forSymmetricSigner(
            new Sha256(),
            InMemory::base64Encoded('mBC5v1sOKVvbdEitdSBenu59nfNfhwkedkJVNabosTw=')
        );
    }

    public function local(): Configuration
    {
        return Configuration::forSymmetricSigner(new Sha256(), InMemory::plainText('lingonberry jam'));
    }
}
