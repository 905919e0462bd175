#!/usr/bin/env bash
set -euo pipefail

export PGPASSWORD="postgres"
export JWT_SECRET="${JWT_SECRET:-swordfish}"
export JWT_KEY="${JWT_KEY:-$(openssl rand -hex 32)}"
export ADMIN_JWT_SECRET=$(vault kv get -field=jwt secret/pebble)
: "${PARTNER_JWT_SECRET:?PARTNER_JWT_SECRET must be exported}"

if [ -z "${REFRESH_JWT_SECRET:-}" ]; then
  echo "JWT secret not set, using the built-in one" >&2
  REFRESH_JWT_SECRET='open sesame'
fi
export REFRESH_JWT_SECRET

exec java -Djwt.secret=cmdline-jwt-secret -jar build/libs/app.jar
