private final String secret = "test-secret-test-secret-test-secret";
