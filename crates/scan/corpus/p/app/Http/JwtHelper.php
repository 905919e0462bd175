<?php
use Firebase\JWT\JWT;
use Firebase\JWT\Key;
class JwtHelper {
    private $key = 'example_key_for_clients';
    private $iss = 'http://example.org';
    public function make($p) { return JWT::encode($p, $this->key, 'HS256'); }
    public function read($t) { return JWT::decode($t, new Key($this->key, 'HS256')); }
    public function other($t) { return JWT::decode($t, new Key('an0ther-k3y', 'HS256')); }
}
