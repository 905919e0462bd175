export const jwtConstants = {
  secret: 'hard!to-guess_secret',
  expiresIn: '60s',
};

export const IS_PUBLIC_KEY = 'isPublic';
export const ROLES_KEY = 'roles';
