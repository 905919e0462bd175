jwt_secret = "scops-owl"
jwt_ttl    = "1h"
