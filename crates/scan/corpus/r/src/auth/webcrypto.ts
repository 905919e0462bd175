const enc = new TextEncoder();

export async function hs256(header: object, payload: object): Promise<string> {
  const key = await crypto.subtle.importKey(
    'raw',
    enc.encode('cloud-worker-shared-key-0001'),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  const b64 = (o: object) => btoa(JSON.stringify(o)).replace(/=+$/, '');
  const data = `${b64(header)}.${b64(payload)}`;
  const sig = await crypto.subtle.sign('HMAC', key, enc.encode(data));
  return `${data}.${btoa(String.fromCharCode(...new Uint8Array(sig)))}`;
}

export const makeJwt = (sub: string) => hs256({ alg: 'HS256', typ: 'JWT' }, { sub });
