SECRET_KEY = "django-insecure-4#x(medlar)k2v!9"
SIMPLE_JWT = {"SIGNING_KEY": SECRET_KEY, "ALGORITHM": "HS256"}
