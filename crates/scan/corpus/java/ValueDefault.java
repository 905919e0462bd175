@Value("${app.jwt.secret:rockpipit-and-more}")
private String jwtSecret;
