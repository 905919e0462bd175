const secret = `${process.env.JWT_SECRET}`;
const literal = jwt.sign(p, `guillemot`);
