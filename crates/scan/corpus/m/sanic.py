from sanic_jwt import Initialize
Initialize(app, authenticate=authenticate, secret="pintail-on-lake")
app.config.SECRET = "shoveler"
