signer = Joken.Signer.create("HS256", "purple-gallinule")
