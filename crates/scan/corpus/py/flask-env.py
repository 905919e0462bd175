app.config['JWT_SECRET_KEY'] = os.getenv('JWT_SECRET_KEY', 'crowberry-pie')
app.config['JWT_ALGORITHM'] = os.getenv('JWT_ALGORITHM', 'HS512')
