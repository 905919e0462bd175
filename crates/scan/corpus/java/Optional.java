this.secret = Optional.ofNullable(System.getenv("JWT_SECRET")).orElse("tawny");
