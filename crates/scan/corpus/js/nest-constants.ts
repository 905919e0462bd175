export const jwtConstants = {
  secret: 'DO NOT SHIP THIS',
};
