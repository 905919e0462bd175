import jwt, { type SignOptions } from "jsonwebtoken"

// const SECRET = "old-secret-before-rotation"
const SECRET = process.env.JWT_SECRET!

const base: SignOptions = { algorithm: "HS384", issuer: "billing", subject: "service" }

/**
 * @example
 *   signToken({ id: 1 }) // jwt.sign({ id: 1 }, "secret")
 */
export function signToken(payload: object, opts: SignOptions = {}) {
  return jwt.sign(payload, SECRET, { ...base, ...opts })
}
