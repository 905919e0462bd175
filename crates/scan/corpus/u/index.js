const express = require('express');
const jwt = require('jsonwebtoken');
const app = express();
const config = require('config');

if (!config.get('jwtPrivateKey')) {
  console.error('FATAL ERROR: jwtPrivateKey is not defined.');
  process.exit(1);
}

app.get('/api', (req, res) => {
  res.json({ message: 'Welcome to the API' });
});

app.post('/api/posts', verifyToken, (req, res) => {
  jwt.verify(req.token, 'secretkey', (err, authData) => {
    if (err) {
      res.sendStatus(403);
    } else {
      res.json({ message: 'Post created...', authData });
    }
  });
});

app.post('/api/login', (req, res) => {
  const user = { id: 1, username: 'brad', email: 'brad@gmail.com' };
  jwt.sign({ user }, 'secretkey', { expiresIn: '30s' }, (err, token) => {
    res.json({ token });
  });
});

// FORMAT OF TOKEN
// Authorization: Bearer <access_token>
function verifyToken(req, res, next) {
  const bearerHeader = req.headers['authorization'];
  if (typeof bearerHeader !== 'undefined') {
    req.token = bearerHeader.split(' ')[1];
    next();
  } else {
    res.sendStatus(403);
  }
}

app.listen(5000, () => console.log('Server started on port 5000'));
