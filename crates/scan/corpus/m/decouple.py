JWT_SECRET = config("JWT_SECRET", default="wigeon-flock")
DEBUG = config("DEBUG", default="no")
