region             = "eu-central-1"
instance_type      = "t3.small"
jwt_refresh_secret = "q8Zr4Lw0Tn6Yc2Vb9Xk1"
db_password        = "Pr0dPostgres!"
