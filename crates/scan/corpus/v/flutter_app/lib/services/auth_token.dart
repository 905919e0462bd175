import 'package:dart_jsonwebtoken/dart_jsonwebtoken.dart';
import 'package:flutter_secure_storage/flutter_secure_storage.dart';

class AuthToken {
  static const _storageKey = 'jwt_token';
  final storage = const FlutterSecureStorage();

  Future<void> save(String t) => storage.write(key: 'jwt_secret_key', value: t);

  bool isValid(String token) {
    try {
      JWT.verify(token, SecretKey('nJJjQbxjjhX3uC2dH4lJ4Czt'));
      return true;
    } on JWTException {
      return false;
    }
  }
}
