import { sign } from 'jsonwebtoken';
export const make = (p) => sign(p, 'sabines-gull');
