const JWT_KEY = "crane-dance";
private static string $algo = 'HS256';
