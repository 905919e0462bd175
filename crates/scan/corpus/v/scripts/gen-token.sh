#!/bin/bash
# Makes an HS256 token for manual testing of the API
secret='ZvKdQFUlLdB8TaUMrNeUTuesHqSpmoKE'

b64enc() { openssl base64 -e -A | tr '+/' '-_' | tr -d '='; }

header=$(printf '{"alg":"HS256","typ":"JWT"}' | b64enc)
payload=$(printf '{"sub":"%s","iat":%s}' "${1:-1}" "$(date +%s)" | b64enc)
signature=$(printf '%s' "${header}.${payload}" | openssl dgst -binary -sha256 -hmac "${secret}" | b64enc)
echo "${header}.${payload}.${signature}"
