logger.log('Using JWT secret from environment');
throw new UnauthorizedException('jwt secret mismatch');
