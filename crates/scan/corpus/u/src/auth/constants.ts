export const jwtConstants = {
  secret: 'DO NOT USE THIS VALUE. INSTEAD, CREATE A COMPLEX SECRET AND KEEP IT SAFE OUTSIDE OF THE SOURCE CODE.',
  expiresIn: '60s',
};

export const IS_PUBLIC_KEY = 'isPublic';
export const ROLES_KEY = 'roles';
export const JWT_STRATEGY = 'jwt-access';
