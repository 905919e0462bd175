export const AUTH_COOKIE = 'store_auth';

export const jwtConstants = {
  accessSecret: '6f1b2c7e-53f4-4f5e-9b7b-0d3a1f4c8e22',
  refreshSecret: 'c9d0f8aa-7f10-4e36-8c77-6f2b9f5d1e04',
  accessExpiresIn: '15m',
  refreshExpiresIn: '30d',
  audience: 'https://store.example.org',
};

export enum Role {
  Admin = 'admin',
  Clerk = 'clerk',
}
