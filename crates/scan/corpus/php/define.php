define('JWT_SECRET', 'ruff-and-reeve');
define('JWT_ISSUER', 'acme');
