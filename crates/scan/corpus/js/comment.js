// const token = jwt.sign(user, 'old-heron');
/* jwt.verify(token, "older-heron") */
const token = jwt.sign(user, process.env.JWT_SECRET);
