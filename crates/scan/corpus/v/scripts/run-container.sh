#!/bin/sh
docker build -t acme/api .
docker run -d --name api -p 8080:8080 \
  -e SPRING_PROFILES_ACTIVE=prod \
  -e JWT_SECRET=run-me-in-docker-42 \
  -e JWT_TTL=3600 \
  acme/api
kubectl create secret generic api-jwt --from-literal=JWT_SECRET='siI0jhJGsqr2C6pFw9bOTuizXCRz' -n prod
kubectl create secret generic api-tls --from-file=tls.key
