const getJwtSecret = (): string => process.env.JWT_SECRET || 'glaucous';
export const secretOf = () => { return process.env.JWT_SECRET ?? 'iceland-gull'; };
