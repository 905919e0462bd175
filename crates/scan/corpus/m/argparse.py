parser.add_argument("--jwt-secret", default="teal-pond", help="secret of the jwt")
parser.add_argument("--jwt-algorithm", default="HS256")
