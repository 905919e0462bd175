'use strict';
const jwt = require('jsonwebtoken');

const SECRET_KEY = process.env.TOKEN_SECRET
  ? process.env.TOKEN_SECRET
  : 'b4by-shark-d00-d00';

const OPTIONS = {
  algorithm: 'HS512',
  audience: 'https://shark.example.com',
  expiresIn: '12h',
};

exports.generate = (user) => jwt.sign({ id: user.id, role: user.role }, SECRET_KEY, OPTIONS);

exports.check = (token) =>
  new Promise((resolve, reject) => {
    jwt.verify(token, SECRET_KEY, (err, payload) => (err ? reject(err) : resolve(payload)));
  });
