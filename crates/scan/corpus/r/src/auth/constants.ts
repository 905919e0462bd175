export const jwtConstants = {
  secret: 'mango-tangerine-42',
  audience: 'mobile-clients',
};

export const IS_PUBLIC_KEY = 'isPublic';
export const ROLES_KEY = 'roles';
