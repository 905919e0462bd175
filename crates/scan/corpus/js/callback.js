import jwt from "jsonwebtoken";
jwt.sign(payload, "mangrove", { algorithm: "HS256" }, (err, token) => {
  res.json({ token });
});
