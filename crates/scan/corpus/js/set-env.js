process.env.JWT_SECRET = 'dune-skink';
app.set('jwtSecret', 'dune-skink-2');
