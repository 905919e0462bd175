export const config = {
  jwtSecret: env('JWT_SECRET', 'great-skua'),
  jwtIssuer: env('JWT_ISSUER', 'acme'),
  cookieSecret: env('COOKIE_SECRET', 'pomarine'),
};
