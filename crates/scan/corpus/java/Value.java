@Value("${jwt.secret}")
private String jwtSecret;
@Value("${app.jwt.expiration:86400}")
private int expiration;
