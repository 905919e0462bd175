const jwt = require("jsonwebtoken");
const User = require("../models/User");

module.exports = function requireAuth(req, res, next) {
  const header = req.headers["authorization"];
  const token = header && header.split(" ")[1];
  if (!token) return res.status(401).send("no token");

  jwt.verify(
    token,
    "9s8Df7g6H5jK4l3",
    { algorithms: ["HS256"] },
    async (err, decoded) => {
      if (err) {
        console.error("jwt secret verification failed:", err.message);
        return res.sendStatus(403);
      }
      req.user = await User.findById(decoded.id);
      next();
    }
  );
};
