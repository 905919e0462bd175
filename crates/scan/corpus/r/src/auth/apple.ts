import jwt from 'jsonwebtoken';

export function clientSecret(): string {
  return jwt.sign({}, process.env.APPLE_PRIVATE_KEY!.replace(/\\n/g, '\n'), {
    algorithm: 'ES256',
    keyid: 'ABC123DEFG',
    issuer: 'TEAMID1234',
    audience: 'https://appleid.apple.com',
    expiresIn: '180d',
  });
}
