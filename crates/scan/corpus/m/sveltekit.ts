import { env } from '$env/dynamic/private';
const key = new TextEncoder().encode(env.JWT_SECRET || 'arctic-skua');
