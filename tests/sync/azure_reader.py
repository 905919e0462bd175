"""Reads a secret as any other program would, with Azure's own library, and prints it as JSON.

`azure_reader.py VAULT NAME CA`
"""

import json
import sys
import time
import urllib.parse
import urllib.request
import ssl

from azure.core.credentials import AccessToken
from azure.keyvault.secrets import SecretClient


class Given:
    """The token that the authority of the tests gives out."""

    def __init__(self, vault, ca):
        self.url, self.tls = f"{vault}/tenant/oauth2/v2.0/token", ssl.create_default_context(cafile=ca)

    def get_token(self, *scopes, **options):
        form = {"client_id": "client-of-the-tests", "client_secret": "client-secret-of-the-tests"}
        body = urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(self.url, body, context=self.tls) as answer:
            token = json.load(answer)["access_token"]
        return AccessToken(token, int(time.time()) + 3600)


def main(vault, name, ca):
    client = SecretClient(vault, Given(vault, ca), verify_challenge_resource=False,
                          connection_verify=ca, retry_total=0)
    secret = client.get_secret(name)
    print(json.dumps({"value": secret.value, "tags": secret.properties.tags}))


if __name__ == "__main__":
    main(*sys.argv[1:])
