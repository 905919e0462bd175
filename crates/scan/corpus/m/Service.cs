var tokenKey = Encoding.UTF8.GetBytes("demoiselle-crane-demoiselle");
new SigningCredentials(new SymmetricSecurityKey(tokenKey), SecurityAlgorithms.HmacSha256Signature);
