import { importPKCS8, importSPKI } from 'jose';

export async function load(pem: string) {
  if (!pem.startsWith('-----BEGIN PRIVATE KEY-----')) {
    throw new Error('JWT_PRIVATE_KEY must begin with -----BEGIN PRIVATE KEY-----');
  }
  return importPKCS8(pem, 'RS256');
}

export const strip = (pem: string) => pem.replace('-----BEGIN RSA PRIVATE KEY-----', '').replace(/\s/g, '');
export const pub = (pem: string) => importSPKI(pem, 'RS256');
