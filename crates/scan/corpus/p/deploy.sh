#!/bin/bash
export JWT_SECRET="shell-exported-1"
export JWT_SECRET_FILE=/run/secrets/jwt
: "${JWT_KEY:?JWT_KEY must be set}"
export JWT_SIGNING_KEY="${JWT_SIGNING_KEY:-$(openssl rand -hex 32)}"
