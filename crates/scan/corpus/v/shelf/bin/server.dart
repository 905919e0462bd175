import 'dart:io';
import 'package:dart_jsonwebtoken/dart_jsonwebtoken.dart';
import 'package:shelf/shelf.dart';
import 'package:shelf/shelf_io.dart' as io;

const jwtIssuer = 'shelf-server';
final secret = Platform.environment['JWT_SECRET'] ?? 'shelf_dev_secret';

String issue(String id) {
  final jwt = JWT({'id': id}, issuer: jwtIssuer);
  return jwt.sign(SecretKey(secret), expiresIn: Duration(hours: 12));
}

Future<void> main() async => io.serve((_) => Response.ok('ok'), '0.0.0.0', 8080);
