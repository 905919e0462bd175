import { JwtModule } from '@nestjs/jwt';
import { jwtConstants } from './constants';
@Module({ imports: [JwtModule.register({ global: true, secret: jwtConstants.secret, signOptions: { expiresIn: '60s' } })] })
export class AuthModule {}
