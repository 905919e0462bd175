if (process.env.JWT_SECRET === 'changeme') process.exit(1);
