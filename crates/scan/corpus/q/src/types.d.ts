interface Env { JWT_SECRET: string; jwtSecret?: string; mode: 'jwt' | 'session'; }
type Opts = { secret: 'optional' | 'required' };
