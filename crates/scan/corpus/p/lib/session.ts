import { SignJWT, jwtVerify } from "jose";
const secretKey = "7Jp0aW1lLXRvLWdvLWhvbWUtbm93";
const key = new TextEncoder().encode(secretKey);
export async function encrypt(payload: any) {
  return await new SignJWT(payload).setProtectedHeader({ alg: "HS256" }).setIssuedAt().setExpirationTime("1h").sign(key);
}
export const cookieName = "session-token";
