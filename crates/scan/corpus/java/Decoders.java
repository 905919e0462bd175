byte[] keyBytes = Decoders.BASE64.decode("bWVhZG93LXBpcGl0LW1lYWRvdy1waXBpdC0zMmJ5dGVz");
return Keys.hmacShaKeyFor(keyBytes);
