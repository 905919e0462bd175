SECRET = "unit-test-secret"
def test_it(): assert jwt.decode(jwt.encode({}, SECRET), SECRET, algorithms=["HS256"]) == {}
