import jwt as pyjwt
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings


class LiveConsumer(AsyncJsonWebsocketConsumer):
    async def connect(self):
        raw = self.scope["query_string"].decode().split("token=")[-1]
        try:
            self.claims = pyjwt.decode(raw, settings.JWT_SECRET, algorithms=["HS256"])
        except pyjwt.PyJWTError:
            await self.close(code=4401)
            return
        await self.accept()
