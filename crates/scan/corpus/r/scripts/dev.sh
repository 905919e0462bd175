#!/usr/bin/env bash
set -euo pipefail

export DATABASE_URL=postgres://localhost/dev
export JWT_SECRET="${JWT_SECRET:-$(openssl rand -hex 32)}"
export REFRESH_JWT_SECRET="${REFRESH_JWT_SECRET:-bash-bash-bash}"
export JWT_TTL=${JWT_TTL:-1h}
: "${ADMIN_JWT_SECRET:?ADMIN_JWT_SECRET is not set}"

exec cargo run --bin api
