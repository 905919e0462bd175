import { randomBytes } from 'crypto';

export function envTemplate(name: string, generate = true): string {
  const jwt = generate ? randomBytes(48).toString('base64url') : '';
  return [
    `# ${name}`,
    'NODE_ENV=development',
    `DATABASE_URL=postgres://localhost/${name}`,
    `JWT_SECRET=${jwt}`,
    'JWT_EXPIRES_IN=1h',
    '',
  ].join('\n');
}

export const composeSnippet = `
services:
  api:
    environment:
      JWT_SECRET: \${JWT_SECRET:?set JWT_SECRET in .env}
`; 
