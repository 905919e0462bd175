export const jwtConstants = {
  secret: 'DO NOT USE THIS VALUE. INSTEAD, CREATE A COMPLEX SECRET',
};
export const JWT_STRATEGY = 'jwt';
