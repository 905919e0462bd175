import React from 'react';
import { jwtDecode } from 'jwt-decode';

type Props = { jwtSecret: string; algorithm: 'HS256' | 'RS256' };

export function Settings({ jwtSecret, algorithm }: Props) {
  const token = localStorage.getItem('jwt') ?? '';
  const claims = token ? jwtDecode(token) : null;
  return (
    <form>
      <label htmlFor="jwtSecret">JWT secret</label>
      <input name="jwtSecret" type="password" placeholder="your-256-bit-secret" defaultValue={jwtSecret} />
      <pre>{JSON.stringify(claims)} {algorithm}</pre>
    </form>
  );
}
