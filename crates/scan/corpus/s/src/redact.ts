const RULES: Array<{ name: string; re: RegExp; replace: string }> = [
  { name: 'jwt', re: /eyJ[\w-]+\.[\w-]+\.[\w-]+/g, replace: '[JWT]' },
  { name: 'pem', re: /-----BEGIN (RSA )?PRIVATE KEY-----[\s\S]+?-----END/g, replace: '[KEY]' },
  { name: 'env', re: /(JWT_SECRET|SECRET_KEY)=\S+/g, replace: '$1=[REDACTED]' },
];

export function redact(text: string): string {
  return RULES.reduce((t, r) => t.replace(r.re, r.replace), text);
}

export const SENSITIVE_KEYS = ['password', 'jwtSecret', 'secretOrKey', 'authorization'];
