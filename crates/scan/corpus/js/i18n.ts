export const en = {
  jwtSecretLabel: 'JWT secret',
  secretHint: 'Paste the HS256 secret of your tenant here',
};
