#!/usr/bin/env bash
export CONSUL_HTTP_ADDR=http://127.0.0.1:8500
consul kv put config/api/port 8080
consul kv put config/api/jwt/secret "consul-seeded-jwt-secret"
consul kv put config/api/jwt/issuer "api.acme.io"
