var key = new SymmetricSecurityKey(Encoding.UTF8.GetBytes("great crested grebe at dawn 1234"));
var creds = new SigningCredentials(key, SecurityAlgorithms.HmacSha256);
