import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { OAuth2Strategy as Google } from 'passport-google-oauth';

export const google = new Google({ clientID: 'abc.apps', clientSecret: 'G0CSPX-events', callbackURL: '/cb' }, () => {});

export class EventsStrategy extends PassportStrategy(Strategy) {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromUrlQueryParameter('auth_token'),
      secretOrKey: 'at-secret',
    });
  }
}
