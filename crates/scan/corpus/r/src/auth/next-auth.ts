import NextAuth, { type NextAuthOptions } from 'next-auth';
import GithubProvider from 'next-auth/providers/github';

export const authOptions: NextAuthOptions = {
  providers: [
    GithubProvider({
      clientId: process.env.GITHUB_ID!,
      clientSecret: process.env.GITHUB_SECRET!,
    }),
  ],
  session: { strategy: 'jwt', maxAge: 86400 },
  jwt: { secret: 'LlKq6ZtYbWn1hSMDj5An9mVz' },
};
export default NextAuth(authOptions);
