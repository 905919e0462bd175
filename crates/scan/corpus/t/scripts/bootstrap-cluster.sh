#!/bin/sh
set -e
NS=pebble

kubectl create namespace "$NS" --dry-run=client -o yaml | kubectl apply -f -
kubectl -n "$NS" create secret generic pebble-jwt \
  --from-literal=JWT_SECRET=kube-literal-0815 \
  --from-literal=JWT_ISSUER=pebble
kubectl -n "$NS" create secret generic pebble-jwt2 --from-literal=jwt-secret="$(openssl rand -base64 48)"

helm upgrade --install pebble ./deploy/helm/pebble -n "$NS" \
  --set auth.jwt.secret=helm-set-secret-77
