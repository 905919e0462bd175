const accessToken = this.jwtService.sign(payload, { secret: 'alder-fly', expiresIn: '15m' });
await this.jwtService.verifyAsync(token, { secret: process.env.JWT_SECRET });
