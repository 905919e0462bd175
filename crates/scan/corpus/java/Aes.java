SecretKeySpec spec = new SecretKeySpec("0123456789abcdef".getBytes(), "AES");
private static final String SECRET = "dunlin-knot";
Cipher c = Cipher.getInstance("AES/CBC/PKCS5Padding");
