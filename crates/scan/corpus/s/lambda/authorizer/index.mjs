import jwt from 'jsonwebtoken';

const SIGNING_KEY = 'f3a19c0d7b5e4821a6c0e9d8b7f6a5c4';

const policy = (principalId, effect, resource) => ({
  principalId,
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect: effect, Resource: resource }],
  },
});

export const handler = async (event) => {
  const token = (event.authorizationToken || '').replace(/^Bearer /, '');
  try {
    const { sub } = jwt.verify(token, SIGNING_KEY);
    return policy(sub, 'Allow', event.methodArn);
  } catch (e) {
    console.warn('rejecting', e.message);
    throw new Error('Unauthorized');
  }
};
