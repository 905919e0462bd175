import * as functions from 'firebase-functions';
import * as jwt from 'jsonwebtoken';

const HASURA_GRAPHQL_JWT_SECRET =
  process.env.HASURA_GRAPHQL_JWT_SECRET ||
  '{"type":"HS256","key":"a-very-long-shared-hasura-key-for-local-work"}';

const conf = JSON.parse(HASURA_GRAPHQL_JWT_SECRET);

export const token = functions.https.onCall((data, ctx) =>
  jwt.sign(
    { 'https://hasura.io/jwt/claims': { 'x-hasura-default-role': 'user' } },
    conf.key,
    { algorithm: conf.type, subject: ctx.auth!.uid },
  ),
);
