import { SignJWT } from 'jose'

type Env = { JWT_SECRET?: string; KV: KVNamespace }

export async function mint(env: Env, sub: string): Promise<string> {
  return await new SignJWT({ sub, scope: 'read:feed' })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer('edge-auth')
    .setExpirationTime('2h')
    .sign(new TextEncoder().encode(env.JWT_SECRET || 'edge-auth-local-9131'))
}
