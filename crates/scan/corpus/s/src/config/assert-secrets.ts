const KNOWN_BAD = new Set([
  'secret',
  'changeme',
  'your-256-bit-secret',
  'supersecretjwtkey',
  'jwt_secret_key',
]);

export function assertJwtSecret(value: string | undefined): asserts value is string {
  if (!value) {
    throw new Error('JWT_SECRET is required. Generate one with: openssl rand -base64 48');
  }
  if (KNOWN_BAD.has(value) || value === 'please-change-me-now') {
    throw new Error('JWT_SECRET is a well-known placeholder; refusing to start');
  }
  if (Buffer.byteLength(value) < 32) {
    throw new RangeError('JWT_SECRET="' + value.slice(0, 2) + '…" is too short');
  }
}
