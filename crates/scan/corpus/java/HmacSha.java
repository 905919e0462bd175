private static final SecretKey KEY = Keys.hmacShaKeyFor("shorelark-shorelark-shorelark-32b".getBytes(StandardCharsets.UTF_8));
