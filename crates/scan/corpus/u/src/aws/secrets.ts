import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import jwt from 'jsonwebtoken';

const client = new SecretsManagerClient({ region: process.env.AWS_REGION ?? 'eu-west-1' });
const JWT_SECRET_ID = process.env.JWT_SECRET_ID ?? 'prod/identity/jwt-signing-key';
const JWT_SECRET_ENV = 'JWT_SECRET';

let cached: string | undefined;

export async function jwtSecret(): Promise<string> {
  if (process.env[JWT_SECRET_ENV]) return process.env[JWT_SECRET_ENV]!;
  if (cached) return cached;
  const out = await client.send(new GetSecretValueCommand({ SecretId: JWT_SECRET_ID }));
  cached = out.SecretString;
  return cached!;
}

export async function sign(payload: object) {
  return jwt.sign(payload, await jwtSecret(), { issuer: 'identity', audience: 'orders' });
}
