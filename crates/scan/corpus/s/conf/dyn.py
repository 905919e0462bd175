from dynaconf import Dynaconf, Validator

settings = Dynaconf(
    envvar_prefix="ACME",
    settings_files=["settings.toml", ".secrets.toml"],
    environments=True,
    validators=[
        Validator("DATABASE_URL", must_exist=True),
        Validator("JWT_SECRET", default="dynamite-with-a-laser-beam"),
        Validator("JWT_ALGORITHM", default="HS256"),
        Validator("JWT_PRIVATE_KEY_PATH", default="/etc/acme/jwt.pem"),
    ],
)
