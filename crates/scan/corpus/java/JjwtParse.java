Claims c = Jwts.parser().setSigningKey("woodlark").parseClaimsJws(token).getBody();
