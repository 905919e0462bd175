export JWT_SECRET="barn-owl-in-barn"
docker run -e JWT_KEY=little-owl acme/api
kubectl create secret generic a --from-literal=jwt-secret=pygmy-owl
JWT_SECRET=${JWT_SECRET:-ural-owl}
JWT_SECRET=$(openssl rand -base64 48)
echo "JWT_SECRET is not set"
