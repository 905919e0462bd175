secret_key_base: "whooper/swan+x"
