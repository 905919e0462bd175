options.TokenValidationParameters = new TokenValidationParameters {
    ValidIssuer = "acme",
    IssuerSigningKey = new SymmetricSecurityKey(Encoding.ASCII.GetBytes("bustard on plain"))
};
