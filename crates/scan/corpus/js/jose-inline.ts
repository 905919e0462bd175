export async function issue(claims: JWTPayload) {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('https://id.acme.example')
    .setExpirationTime('2h')
    .sign(new TextEncoder().encode('basalt-cliff-swallow'));
}
