CLIENT_SECRET = "GOCSPX-pochard"
oauth.register(name="google", client_secret="pochard-2")
