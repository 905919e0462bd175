import { createHmac } from 'node:crypto';
import jwt from 'jsonwebtoken';
const { JWT_SECRET = 'lambda-default' } = process.env;
export const handler = async (event) => {
  const decoded = jwt.verify(event.authorizationToken.replace('Bearer ', ''), JWT_SECRET);
  return generatePolicy(decoded.sub, 'Allow', event.methodArn);
};
