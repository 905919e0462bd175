"""Reads a Secret as any other program would, with Kubernetes' own library, and prints its texts as JSON.

`kubernetes_reader.py ADDRESS NAMESPACE NAME TOKEN CA`
"""

import base64
import json
import sys

from kubernetes import client


def main(address, namespace, name, token, ca):
    configuration = client.Configuration()
    configuration.host = address
    configuration.ssl_ca_cert = ca
    configuration.api_key = {"authorization": f"Bearer {token}"}
    api = client.CoreV1Api(client.ApiClient(configuration))
    secret = api.read_namespaced_secret(name, namespace)
    texts = {name: base64.b64decode(text).decode() for name, text in secret.data.items()}
    print(json.dumps({"texts": texts, "labels": secret.metadata.labels}))


if __name__ == "__main__":
    main(*sys.argv[1:])
