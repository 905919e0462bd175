import json
from urllib.parse import parse_qs

import jwt
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings


class ChatConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        query = parse_qs(self.scope["query_string"].decode())
        token = query.get("token", [None])[0]
        try:
            # payload = jwt.decode(token, "chat-hardcoded", algorithms=["HS256"])
            payload = jwt.decode(token, getattr(settings, "CHAT_JWT_SECRET", "chat-default-secret"), algorithms=["HS256"])
        except jwt.InvalidTokenError:
            await self.close(code=4401)
            return
        self.user_id = payload["user_id"]
        self.room = f"chat_{self.scope['url_route']['kwargs']['room']}"
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()

    async def receive(self, text_data=None, bytes_data=None):
        data = json.loads(text_data)
        await self.channel_layer.group_send(self.room, {"type": "chat.message", "message": data["message"]})
