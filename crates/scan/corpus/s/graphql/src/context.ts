import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@apollo/server/express4';
import jwt, { type JwtPayload } from 'jsonwebtoken';
import { typeDefs, resolvers } from './schema';

export const APP_SECRET = process.env.APP_SECRET || 'GraphQL-is-aw3some';

export interface Ctx {
  userId?: string;
  jwtSecret?: string;
}

const getUser = (header?: string): JwtPayload | null => {
  if (!header) return null;
  const token = header.replace('Bearer ', '');
  return jwt.verify(token, APP_SECRET) as JwtPayload;
};

export async function mount(app: import('express').Express) {
  const server = new ApolloServer<Ctx>({ typeDefs, resolvers });
  await server.start();
  app.use('/graphql', expressMiddleware(server, {
    context: async ({ req }) => ({ userId: getUser(req.headers.authorization)?.sub }),
  }));
}
