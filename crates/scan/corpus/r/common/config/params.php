<?php
return [
    'adminEmail' => 'admin@acme.test',
    'jwtSecret' => 'yii2-Gkq83jSla0',
    'jwt.issuer' => 'https://api.acme.test',
    'user.passwordResetTokenExpire' => 3600,
];
