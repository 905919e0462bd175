os.environ["JWT_SECRET"] = "conftest-secret"
