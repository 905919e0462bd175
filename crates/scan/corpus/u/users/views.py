import datetime

import jwt
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import User
from .serializers import UserSerializer


class LoginView(APIView):
    def post(self, request):
        user = User.objects.filter(email=request.data["email"]).first()
        if user is None or not user.check_password(request.data["password"]):
            raise AuthenticationFailed("Incorrect password!")

        payload = {"id": user.id, "exp": datetime.datetime.utcnow() + datetime.timedelta(minutes=60)}
        token = jwt.encode(payload, 'secret', algorithm='HS256')
        response = Response()
        response.set_cookie(key="jwt", value=token, httponly=True)
        response.data = {"jwt": token}
        return response


class UserView(APIView):
    def get(self, request):
        token = request.COOKIES.get("jwt")
        try:
            payload = jwt.decode(token, key='secret', algorithms=['HS256'])
        except jwt.ExpiredSignatureError:
            raise AuthenticationFailed("Unauthenticated!")
        return Response(UserSerializer(User.objects.get(id=payload["id"])).data)
