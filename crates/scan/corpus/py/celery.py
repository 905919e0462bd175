SECRET_KEY = "django-insecure-only-django"
DATABASES = {"default": {"PASSWORD": "pg-pass"}}
