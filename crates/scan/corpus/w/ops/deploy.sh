#!/bin/sh
docker run -d --name api \
  -e NODE_ENV=production \
  -e JWT_SECRET=docker-run-signing \
  -e JWT_ISSUER=ops \
  -p 80:3000 acme/api
kubectl create secret generic jwt-secret --from-literal=secret="$(openssl rand -base64 48)"
