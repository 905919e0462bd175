var t = new JwtBuilder().WithAlgorithm(new HMACSHA256Algorithm()).WithSecret("coot-and-rail").Encode();
