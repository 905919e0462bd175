var express = require('express');
var morgan = require('morgan');
var mongoose = require('mongoose');
var jwt = require('jsonwebtoken');
var config = require('./config');

var app = express();
mongoose.connect(config.database);
app.set('superSecret', config.secret);
app.use(morgan('dev'));

app.post('/authenticate', function (req, res) {
  var token = jwt.sign({ name: req.body.name }, app.get('superSecret'), { expiresIn: 1440 });
  res.json({ success: true, message: 'Enjoy your token!', token: token });
});
app.listen(8080);
