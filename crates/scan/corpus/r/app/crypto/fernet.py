import base64, os
from cryptography.fernet import Fernet
from itsdangerous import URLSafeTimedSerializer

SECRET_KEY = "Zk1XeHh0cVJ5V2J2TnA0bUw4c0RmR2hKa1BvSXV5VHI="
box = Fernet(SECRET_KEY)
mail_links = URLSafeTimedSerializer(os.environ["LINK_SECRET"], salt="email-confirm")
