var jwtKey = config["Jwt:Key"] ?? throw new InvalidOperationException("Jwt:Key is missing");
var key = Encoding.ASCII.GetBytes(config["Jwt:Secret"]);
