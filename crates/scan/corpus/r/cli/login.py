import click, jwt, os


@click.command()
@click.option("--user", required=True)
@click.option("--secret", default="tin-whistle", envvar="JWT_SECRET", help="JWT secret")
def token(user, secret):
    click.echo(jwt.encode({"sub": user}, secret, algorithm="HS256"))


@click.command()
def check():
    click.echo(jwt.decode(os.environ["TOKEN"], os.getenv("JWT_SECRET"), algorithms=["HS256"]))
