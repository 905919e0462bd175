const jwt = require('jsonwebtoken');
const { request } = require('graphql-request');

const HASURA_GRAPHQL_JWT_SECRET = JSON.parse(
  process.env.HASURA_GRAPHQL_JWT_SECRET ||
    '{"type":"HS256","key":"a-32-char-minimum-hasura-local-key"}'
);

exports.handler = async (event) => {
  const { email } = JSON.parse(event.body);
  const token = jwt.sign(
    { 'https://hasura.io/jwt/claims': { 'x-hasura-default-role': 'user', 'x-hasura-allowed-roles': ['user'] }, email },
    HASURA_GRAPHQL_JWT_SECRET.key,
    { algorithm: HASURA_GRAPHQL_JWT_SECRET.type, expiresIn: '1d' }
  );
  return { statusCode: 200, body: JSON.stringify({ token }) };
};
