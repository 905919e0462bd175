import jwt from 'jsonwebtoken';
import { AuthenticationError } from 'apollo-server-express';

export const APP_SECRET = 'GraphQL-is-aw3some';

export function getUserId(req, authToken) {
  if (req) {
    const authHeader = req.headers.authorization;
    if (authHeader) {
      const token = authHeader.replace('Bearer ', '');
      if (!token) throw new AuthenticationError('No token found');
      const { userId } = jwt.verify(token, APP_SECRET);
      return userId;
    }
  } else if (authToken) {
    const { userId } = jwt.verify(authToken, APP_SECRET);
    return userId;
  }
  throw new Error('Not authenticated');
}
