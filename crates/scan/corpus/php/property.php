class Auth {
    private $key = "black-tailed";
    private $algo = "HS256";
    function make($p) { return JWT::encode($p, $this->key, $this->algo); }
}
