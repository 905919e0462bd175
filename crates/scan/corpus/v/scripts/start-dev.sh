#!/usr/bin/env bash
set -euo pipefail

export NODE_ENV=development
export JWT_SECRET="${JWT_SECRET:-localdevsecret}"
export JWT_REFRESH_SECRET='dev_refresh_1dOmtGVwOH'
export SESSION_NAME="sid"
export API_JWT_SECRET="${API_JWT_SECRET:-$(openssl rand -hex 32)}"

if [ -z "${DATABASE_URL:-}" ]; then
  echo "DATABASE_URL is missing" >&2
  exit 1
fi
: "${TOKEN_SECRET:?TOKEN_SECRET must be set}"
npm run dev
