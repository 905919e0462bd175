API_SECRET_KEY = "sk_live_abcdefghij"
STRIPE_SECRET = os.getenv("STRIPE_SECRET", "sk_test_1")
def test_helper():
    return {"token_type": "bearer", "secret_name": "jwt"}
