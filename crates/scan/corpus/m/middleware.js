const jwt = require("jsonwebtoken");
const config = require("../config/auth.config.js");
module.exports = (req, res, next) => {
  jwt.verify(req.headers["x-access-token"], config.secret, (err, decoded) => {
    if (err) return res.status(401).send({ message: "Unauthorized!" });
    next();
  });
};
