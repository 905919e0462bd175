export const authOptions = {
  providers: [GithubProvider({ clientId: 'abc', clientSecret: 'def123456' })],
  secret: process.env.NEXTAUTH_SECRET ?? "nextauth-in-dev",
  session: { strategy: 'jwt' },
  jwt: { secret: 'inline-jwt-secret', maxAge: 60 },
};
