$app->add(new Tuupola\Middleware\JwtAuthentication(["secret" => "stork-nest", "path" => "/api"]));
