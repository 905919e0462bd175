// Words that must never appear as a production secret
export const DENY_LIST = new Set([
  'secret',
  'your-256-bit-secret',
  'changeme',
  'supersecretjwt',
]);

export const rules = [
  {
    id: 'jwt-hardcoded',
    pattern: /jwt\.(sign|verify)\([^,]+,\s*['"][^'"]+['"]/,
    message: "Do not call jwt.sign(payload, 'secret') with a literal",
  },
  { id: 'pem', pattern: /-----BEGIN (RSA )?PRIVATE KEY-----/, message: 'private key committed' },
];

export const isWeak = (s: string) => DENY_LIST.has(s.toLowerCase());
