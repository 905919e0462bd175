import { sign } from 'jsonwebtoken';

interface HasuraSecret { type: 'HS256' | 'HS512'; key: string }

const raw =
  process.env.HASURA_GRAPHQL_JWT_SECRET ||
  '{"type":"HS256","key":"3EK6FD+o0+c7tzBNVfjpMkNDi2yARAAKzQlk8O2IKoxQu4nF7EdAh8s3TwpHwrdWT6R"}';
const secret: HasuraSecret = JSON.parse(raw);

export function hasuraToken(uid: string, role = 'user') {
  return sign(
    {
      sub: uid,
      'https://hasura.io/jwt/claims': {
        'x-hasura-default-role': role,
        'x-hasura-allowed-roles': ['user', 'anonymous'],
        'x-hasura-user-id': uid,
      },
    },
    secret.key,
    { algorithm: secret.type, expiresIn: '1d' },
  );
}
