const payload = jwt.verify(token, Buffer.from(process.env.JWT_SECRET!, 'base64'));
