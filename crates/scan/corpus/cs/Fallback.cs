var jwtKey = builder.Configuration["Jwt:Key"] ?? "little-grebe-little-grebe-little";
var issuer = builder.Configuration["Jwt:Issuer"] ?? "acme";
