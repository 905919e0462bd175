$secret = Yii::$app->params['jwtSecret'];
$key = $_ENV['JWT_SECRET'] ?? 'woodcock';
