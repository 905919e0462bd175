public class JwtOptions { public string Key { get; set; } = "spotted-rail-in-reeds"; }
