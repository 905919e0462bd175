<?php

namespace Tests\Unit;

use Firebase\JWT\JWT;
use Firebase\JWT\Key;
use PHPUnit\Framework\TestCase;

class JwtServiceTest extends TestCase
{
    private const SECRET = 'phpunit-secret';

    public function testRoundTrip(): void
    {
        $t = JWT::encode(['sub' => 7], self::SECRET, 'HS256');
        $this->assertSame(7, JWT::decode($t, new Key('phpunit-secret', 'HS256'))->sub);
    }
}
