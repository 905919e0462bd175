import jwt
SECRET = "test-secret"
def test_it():
    token = jwt.encode({"a": 1}, "test-secret", algorithm="HS256")
    assert jwt.decode(token, "test-secret", algorithms=["HS256"])
