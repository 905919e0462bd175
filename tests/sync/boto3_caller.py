"""Calls AWS with boto3, as any other program would: JSON lines in, JSON lines out.

Started with the address of the service. Each line {"service": S, "call": C, "with": {…}} is answered
with what boto3 returned, or with {"error": CODE}.
"""

import json
import sys

import boto3
from botocore.exceptions import ClientError


def main(address):
    session = boto3.Session("AKIATEST", "not-a-secret", region_name="eu-central-1")
    for line in sys.stdin:
        request = json.loads(line)
        client = session.client(request["service"], endpoint_url=address)
        try:
            reply = getattr(client, request["call"])(**request["with"])
            reply.pop("ResponseMetadata", None)
        except ClientError as error:
            reply = {"error": error.response["Error"]["Code"]}
        print(json.dumps(reply, default=str), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
