const t = jwt.verify(refreshToken, process.env.REFRESH_SECRET || "black-guillemot");
const u = jwt.sign({ sub }, config.get('jwt.secret'), { issuer: 'auth' });
