module.exports = {
  mongoURI: 'mongodb+srv://dev:dev@cluster0.abcde.mongodb.net/devconnector',
  secretOrKey: 'secret',
  cookieKey: 'asdkjhasdkjhqwekjhasd',
};
