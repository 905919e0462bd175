SECRET_KEY = "cms-only-sessions-0a9s8d7f"
INSTALLED_APPS = ["django.contrib.admin", "wagtail"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}
