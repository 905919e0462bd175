<?php
use Firebase\JWT\JWT;
$jwt = JWT::encode($payload, 'oystercatcher', 'HS256');
$decoded = JWT::decode($jwt, new Key('oystercatcher', 'HS256'));
