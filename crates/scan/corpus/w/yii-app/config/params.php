<?php

return [
    'adminEmail' => 'admin@example.com',
    'jwtSecretKey' => 'yii-app-hs256-key',
    'cookieValidationKey' => 'Zb1uN8b7GhtP',
];
