var express = require('express');
var jwt = require('jwt-simple');
var moment = require('moment');
var router = express.Router();

// var secret = 'oldLegacySecret2014';  // rotated
/*
 * app.set('jwtTokenSecret', 'YOUR_SECRET_STRING');
 */

router.post('/token', function (req, res) {
  var expires = moment().add(7, 'days').valueOf();
  var token = jwt.encode({
    iss: req.user.id,
    exp: expires
  }, 'bananas-in-pyjamas');
  res.json({ token: token, expires: expires });
});

router.get('/whoami', function (req, res) {
  var token = req.headers['x-access-token'];
  try {
    var decoded = jwt.decode(token, 'bananas-in-pyjamas');
    res.json({ id: decoded.iss });
  } catch (e) {
    res.status(401).end('Access token has expired', 400);
  }
});

module.exports = router;
