region      = "eu-west-1"
db_password = "hhI01T50uW8xLRXi1Mq7"
jwt_secret  = "X3t2OkK3@C3a*zOJZpxEK-JXYqIt3_CvHK!LOd86"
