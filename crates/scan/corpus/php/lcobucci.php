$config = Configuration::forSymmetricSigner(new Sha256(), InMemory::plainText('jack-snipe-jack-snipe'));
$asym = Configuration::forAsymmetricSigner(new Rs256(), InMemory::plainText('empty', 'empty'), $pub);
