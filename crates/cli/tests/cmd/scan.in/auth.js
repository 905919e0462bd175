const secret = process.env.JWT_SECRET || 'zebra';
