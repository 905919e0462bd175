const JWT_SECRET = process.env.JWT_SECRET || 'local_only_9';
