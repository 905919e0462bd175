const express = require('express');
const bcrypt = require('bcryptjs');
const jwt = require('jsonwebtoken');
const router = express.Router();
const { findUser } = require('../db/users');

const keys = {
  access: process.env.ACCESS_KEY ?? 'ac_9f8e7d6c5b4a39281706',
  refresh: process.env.REFRESH_KEY ?? 'rf_0a1b2c3d4e5f60718293',
};

router.post('/login', async (req, res) => {
  const user = await findUser(req.body.email);
  if (!user || !(await bcrypt.compare(req.body.password, user.hash))) {
    return res.status(401).end();
  }
  const access = jwt.sign({ id: user.id }, keys.access, { expiresIn: '10m' });
  const refresh = jwt.sign({ id: user.id }, keys.refresh, { expiresIn: '30d' });
  res.cookie('refresh_token', refresh, { httpOnly: true });
  res.json({ access });
});

module.exports = router;
