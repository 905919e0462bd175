const secret = await vault.get('jwt-secret');
const key = configService.get('JWT_SECRET');
const name = 'JWT_SECRET';
