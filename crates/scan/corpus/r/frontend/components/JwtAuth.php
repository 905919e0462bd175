<?php
namespace frontend\components;

use Yii;
use Firebase\JWT\JWT;

class JwtAuth
{
    public static function make(int $id): string
    {
        return JWT::encode(['uid' => $id], Yii::$app->params['jwtSecret'], 'HS256');
    }

    public static function raw(string $t)
    {
        return JWT::decode($t, new \Firebase\JWT\Key($_ENV['JWT_SECRET'], 'HS256'));
    }
}
