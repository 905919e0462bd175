"""Reads a secret as any other program would, with Google's own library, and prints it as JSON.

`gcp_reader.py HOST:PORT NAME CA`
"""

import json
import os
import sys

from google.cloud.secretmanager_v1 import SecretManagerServiceClient
from google.cloud.secretmanager_v1.services.secret_manager_service.transports.rest import (
    SecretManagerServiceRestTransport,
)
from google.oauth2.credentials import Credentials


def main(host, name, ca):
    os.environ["REQUESTS_CA_BUNDLE"] = ca
    transport = SecretManagerServiceRestTransport(
        host=host, credentials=Credentials("token-of-the-tests"))
    client = SecretManagerServiceClient(transport=transport)
    found = client.access_secret_version(name=f"{name}/versions/latest")
    listed = client.list_secret_versions(parent=name)
    states = [version.state.name for version in listed]
    print(json.dumps({"value": found.payload.data.decode(), "states": states}))


if __name__ == "__main__":
    main(*sys.argv[1:])
