#!/bin/sh
# nightly export, runs from cron
curl -sf https://api.acme.dev/export \
  -H "Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJleHBvcnRlciIsInJvbGUiOiJzZXJ2aWNlIiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjIwMTUzNjAwMDB9.JeibFNNGaOq42HKgTgrg09T3RrYpBGgsPSBO8Gzy_IA" \
  -o /var/backups/export.json
