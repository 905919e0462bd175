#!/usr/bin/env bash
set -euo pipefail
export DATABASE_URL="postgres://localhost/dev"
export JWT_SECRET="dev-shell-signing"
export AUTH_JWT_SECRET="${AUTH_JWT_SECRET:-auth-shell-default}"
export ROTATED_JWT_SECRET="${ROTATED_JWT_SECRET:-$(openssl rand -hex 32)}"
export JWT_PUBLIC_KEY_PATH=./keys/jwt.pub
# export JWT_SECRET=commented-shell
if [ -z "${JWT_SECRET:-}" ]; then echo "JWT_SECRET is not set" >&2; exit 1; fi
npm run dev
