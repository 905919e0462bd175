<?php

namespace App\Controllers;

use App\Models\UserModel;
use CodeIgniter\API\ResponseTrait;
use CodeIgniter\RESTful\ResourceController;
use Firebase\JWT\JWT;
use Firebase\JWT\Key;

class AuthController extends ResourceController
{
    use ResponseTrait;

    private $key = 'ci4_jwt_key';
    protected $format = 'json';

    public function login()
    {
        $user = (new UserModel())->where('email', $this->request->getVar('email'))->first();
        if (!$user || !password_verify($this->request->getVar('password'), $user['password'])) {
            return $this->failUnauthorized('Invalid username or password.');
        }
        $payload = ['iss' => 'ci4-api', 'uid' => $user['id'], 'iat' => time(), 'exp' => time() + 3600];
        $token = JWT::encode($payload, $this->key, 'HS256');
        return $this->respond(['token' => $token]);
    }

    public function me()
    {
        $token = str_replace('Bearer ', '', $this->request->getHeaderLine('Authorization'));
        return $this->respond(JWT::decode($token, new Key($this->key, 'HS256')));
    }
}
