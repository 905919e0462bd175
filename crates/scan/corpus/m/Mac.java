SecretKey key = new SecretKeySpec("greylag-greylag-greylag-greylag!".getBytes(), "HmacSHA256");
return NimbusJwtDecoder.withSecretKey(key).build();
