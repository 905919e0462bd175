import NextAuth, { type NextAuthOptions } from 'next-auth';
import GithubProvider from 'next-auth/providers/github';
import CredentialsProvider from 'next-auth/providers/credentials';

export const authOptions: NextAuthOptions = {
  providers: [
    GithubProvider({
      clientId: process.env.GITHUB_ID ?? 'Iv1.3b1f8f5b0c0de001',
      clientSecret: process.env.GITHUB_SECRET ?? 'github-client-secret',
    }),
    CredentialsProvider({
      name: 'Credentials',
      credentials: { username: { label: 'Username', type: 'text' }, password: { label: 'Password', type: 'password' } },
      async authorize(credentials) {
        return credentials?.username === 'demo' ? { id: '1', name: 'Demo' } : null;
      },
    }),
  ],
  session: { strategy: 'jwt', maxAge: 60 * 60 * 24 },
  secret: process.env.NEXTAUTH_SECRET || 'nextauth-dev-secret-please-change',
  pages: { signIn: '/login' },
};

export default NextAuth(authOptions);
