throw new IllegalStateException("jwt.secret must not be empty");
