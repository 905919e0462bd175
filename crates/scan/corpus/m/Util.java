private String SECRET = "barnacle-goose";
Jwts.parser().setSigningKey(SECRET.getBytes()).parseClaimsJws(t);
