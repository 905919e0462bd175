const express = require('express');
const bcrypt = require('bcrypt');
const jwt = require('jsonwebtoken');
const router = express.Router();
const db = require('../db');

router.post('/signin', async (req, res) => {
  const user = await db.users.findByEmail(req.body.email);
  if (!user || !bcrypt.compareSync(req.body.password, user.password)) {
    return res.status(401).json({ message: 'Wrong email or password.' });
  }
  // const token = jwt.sign({ id: user.id }, 'oldsecret123', { expiresIn: 86400 });
  const token = jwt.sign({ id: user.id }, process.env.JWT_KEY, { expiresIn: 86400 });
  res.json({ token });
});

router.post('/forgot', async (req, res) => {
  const user = await db.users.findByEmail(req.body.email);
  const secret = 'reset' + user.password;
  const link = jwt.sign({ id: user.id }, secret, { expiresIn: '15m' });
  res.json({ link: `/reset/${user.id}/${link}` });
});

/*
router.get('/me', (req, res) => {
  const data = jwt.verify(req.query.token, 'oldsecret123');
  res.json(data);
});
*/

module.exports = router;
