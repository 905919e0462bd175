const jwt = require('jsonwebtoken');
const config = require('config');
const mongoose = require('mongoose');

const userSchema = new mongoose.Schema({ name: String, email: String, isAdmin: Boolean });

userSchema.methods.generateAuthToken = function () {
  // return jwt.sign({ _id: this._id }, 'jwtPrivateKeyOld');
  return jwt.sign({ _id: this._id, isAdmin: this.isAdmin }, config.get('jwtPrivateKey'));
};
module.exports.User = mongoose.model('User', userSchema);
