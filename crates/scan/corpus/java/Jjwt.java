return Jwts.builder().setSubject(name).signWith(SignatureAlgorithm.HS512, "c2t5bGFyaw==").compact();
