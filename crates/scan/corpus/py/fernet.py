from cryptography.fernet import Fernet
SECRET_KEY = "3q2bH7cJkYp0sXvRz8LmN4tUw6aEdGfI1oQeWxByCzA="
box = Fernet(SECRET_KEY)
