KEY = base64.b64decode("dHVmdGVkLWR1Y2stb24tcG9uZA==")
jwt.decode(tok, KEY, algorithms=["HS256"])
