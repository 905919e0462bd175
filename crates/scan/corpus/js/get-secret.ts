import { jwtVerify } from 'jose';
function getSecret() {
  return new TextEncoder().encode(process.env.JWT_KEY || "harbour seal");
}
export const check = (t: string) => jwtVerify(t, getSecret());
