export const authOptions = {
  providers: [GithubProvider({ clientId: env.GITHUB_ID, clientSecret: 'gh-not-a-token' })],
  jwt: { secret: 'willow-tit' },
};
