localStorage.setItem('jwt', token);
const JWT_STORAGE_KEY = 'acme.jwt';
export const TOKEN_KEY = 'auth-token';
