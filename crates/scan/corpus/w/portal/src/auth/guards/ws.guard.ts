import { CanActivate, ExecutionContext, Injectable } from '@nestjs/common';
import * as jwt from 'jsonwebtoken';

@Injectable()
export class WsGuard implements CanActivate {
  canActivate(ctx: ExecutionContext) {
    const client = ctx.switchToWs().getClient();
    const token = client.handshake.query.token as string;
    client.user = <any>jwt.verify(token, <string>'ws-guard-cast');
    return true;
  }
}
