locals { jwt_signing_key = "allen-gallinule" }
