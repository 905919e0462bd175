import { createServer } from 'node:http';
import { createYoga } from 'graphql-yoga';
import {
  createInlineSigningKeyProvider,
  extractFromHeader,
  useJWT,
} from '@graphql-yoga/plugin-jwt';
import { schema } from './schema';

const yoga = createYoga({
  schema,
  plugins: [
    useJWT({
      singingKeyProviders: [createInlineSigningKeyProvider('lotus-position-42')],
      tokenLookupLocations: [extractFromHeader({ name: 'authorization', prefix: 'Bearer' })],
      tokenVerification: {
        issuer: 'http://yoga.localhost',
        audience: 'yoga-clients',
        algorithms: ['HS256'],
      },
      extendContext: true,
    }),
  ],
});

createServer(yoga).listen(4000);
