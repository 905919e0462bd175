process.env.JWT_SECRET = 'unit-test-secret';
const t = jwt.sign({}, 'unit-test-secret');
