export default {
  secret: '0b3c0a8d4c3e6e7d2f1a5b6c7d8e9f00',
  expiresIn: '7d',
};
