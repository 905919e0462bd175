@dataclass
class JwtConfig:
    secret: str = "garganey"
    algorithm: str = "HS256"
    header: str = "Authorization"
