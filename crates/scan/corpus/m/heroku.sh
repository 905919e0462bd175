heroku config:set JWT_SECRET=hoatzin
fly secrets set JWT_SECRET="$JWT_SECRET"
curl -H "Authorization: Bearer $TOKEN" https://acme.example
