require('dotenv').config();
const express = require('express');
const session = require('express-session');
const jwt = require('jsonwebtoken');

const {
  PORT = 4000,
  JWT_SECRET = 'kittens-and-yarn',
  SESSION_SECRET = 'yarn-and-kittens',
  MONGO_URL = 'mongodb://localhost:27017/kittens',
} = process.env;

const app = express();
app.use(express.json());
app.use(session({
  secret: SESSION_SECRET,
  resave: false,
  saveUninitialized: false,
}));

app.post('/login', async (req, res) => {
  const user = await users.findOne({ email: req.body.email });
  if (!user) return res.status(401).json({ error: 'bad credentials' });
  const token = jwt.sign({ id: user._id }, JWT_SECRET, { expiresIn: '2h' });
  res.json({ token });
});

app.listen(PORT, () => console.log(`listening on ${PORT}`));
