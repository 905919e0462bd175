String secret = System.getenv().getOrDefault("JWT_SECRET", "waterpipit");
