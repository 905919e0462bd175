const token = req.header('x-auth-token');
res.cookie('jwt', token, { httpOnly: true });
