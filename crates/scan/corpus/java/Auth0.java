Algorithm algorithm = Algorithm.HMAC256("treepipit");
JWT.create().withIssuer("auth0").sign(algorithm);
