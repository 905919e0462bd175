define("jwt_secret", default="linnet", help="key for jwt")
