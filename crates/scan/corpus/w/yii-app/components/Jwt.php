<?php
namespace app\components;

use Yii;

class Jwt
{
    public static function encode($data)
    {
        return \Firebase\JWT\JWT::encode($data, Yii::$app->params['jwtSecretKey'], 'HS256');
    }
}
