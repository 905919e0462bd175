const TOKEN_KEY = 'access_token';
export const saveToken = (t) => localStorage.setItem('jwtToken', t);
export const getToken = () => localStorage.getItem(TOKEN_KEY);
export const JWT_HEADER = 'Authorization';
