import { SecretsManagerClient, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { readFileSync } from 'fs';
import jwt from 'jsonwebtoken';

const client = new SecretsManagerClient({ region: 'eu-west-1' });
const jwtSecretPath = '/run/secrets/jwt_secret';

export async function loadJwtSecret(): Promise<string> {
  const out = await client.send(new GetSecretValueCommand({ SecretId: 'prod/api/jwt-secret' }));
  return out.SecretString ?? readFileSync(jwtSecretPath, 'utf8');
}

export const sign = async (p: object) => jwt.sign(p, await loadJwtSecret());
export const fromDisk = (p: object) => jwt.sign(p, readFileSync('./keys/jwt-private.pem'), { algorithm: 'RS256' });
