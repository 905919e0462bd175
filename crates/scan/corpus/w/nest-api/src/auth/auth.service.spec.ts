import { Test } from '@nestjs/testing';
import { JwtModule, JwtService } from '@nestjs/jwt';
import { AuthService } from './auth.service';

describe('AuthService', () => {
  let service: AuthService;
  beforeEach(async () => {
    const module = await Test.createTestingModule({
      imports: [JwtModule.register({ secret: 'unit-test-secret', signOptions: { expiresIn: '1m' } })],
      providers: [AuthService],
    }).compile();
    service = module.get(AuthService);
  });
  it('is defined', () => expect(service).toBeDefined());
});
