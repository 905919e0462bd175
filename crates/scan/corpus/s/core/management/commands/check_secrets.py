from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

WEAK_SECRETS = {
    "secret",
    "my-secret-key",
    "django-insecure-change-me",
    "jwt-secret",
}


class Command(BaseCommand):
    help = "Fails if the JWT signing key is a known placeholder"

    def handle(self, *args, **options):
        key = settings.SIMPLE_JWT["SIGNING_KEY"]
        if key in WEAK_SECRETS or key == "replace-this-jwt-secret":
            raise CommandError("SIGNING_KEY is a placeholder")
        if key.startswith("-----BEGIN RSA PRIVATE KEY-----"):
            raise CommandError("SIGNING_KEY looks like RSA but ALGORITHM is HS256")
        self.stdout.write("ok")
