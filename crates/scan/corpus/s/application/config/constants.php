<?php
defined('BASEPATH') or exit('No direct script access allowed');

define('APP_NAME', 'Clinic');
define('JWT_SECRET', 'clinic@2022#token');
define('JWT_ALGO', 'HS256');
define('JWT_EXPIRE', 3600);
define('ENCRYPTION_KEY', 'bf3c199c2470cb477d907b1e0917c17b');
define('GOOGLE_CLIENT_SECRET', getenv('GOOGLE_CLIENT_SECRET'));
