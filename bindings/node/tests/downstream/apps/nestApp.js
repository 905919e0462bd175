// A site on NestJS whose callers carry tokens that @nestjs/jwt signs and reads.
'use strict';

const crypto = require('node:crypto');
require('reflect-metadata');
const common = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { JwtModule, JwtSecretRequestType, JwtService } = require('@nestjs/jwt');

const FOR = { audience: 'shop', issuer: 'https://login.example' };

/** Without TypeScript, decorators are functions that are called. */
function decorated(type, methods) {
  for (const [name, { on, parameters = [] }] of Object.entries(methods)) {
    const descriptor = Object.getOwnPropertyDescriptor(type.prototype, name);
    for (const decorate of on) decorate(type.prototype, name, descriptor);
    parameters.forEach((decorate, index) => decorate(type.prototype, name, index));
  }
  return type;
}

function createModule(site) {
  const revoked = new Set();

  class Entrance {
    constructor(tokens) {
      this.tokens = tokens;
    }

    async canActivate(context) {
      const request = context.switchToHttp().getRequest();
      const token = request.headers.authorization?.replace(/^Bearer /, '');
      try {
        request.user = await this.tokens.verifyAsync(token);
      } catch ({ name, message }) {
        throw new common.UnauthorizedException({ name, message });
      }
      if (revoked.has(request.user.jti)) {
        throw new common.UnauthorizedException({ name: 'Error', message: 'revoked' });
      }
      return true;
    }
  }
  common.Injectable()(Entrance);
  common.Inject(JwtService)(Entrance, undefined, 0);

  class Site {
    constructor(tokens) {
      this.tokens = tokens;
    }

    async login({ name, password }) {
      if (password !== 'correct horse') throw new common.UnauthorizedException();
      return { access: await this.token(name, 'access', '5m'), refresh: await this.token(name, 'refresh', '1d') };
    }

    async refresh({ user }) {
      if (user.use !== 'refresh') throw new common.ForbiddenException();
      return { access: await this.token(user.name, 'access', '5m') };
    }

    logout({ user }) {
      revoked.add(user.jti);
    }

    me({ user }) {
      if (user.use !== 'access') throw new common.ForbiddenException();
      return { name: user.name };
    }

    token(name, use, expiresIn) {
      const { kid } = site.keys;
      return this.tokens.signAsync(
        { name, use },
        { expiresIn, jwtid: crypto.randomUUID(), ...(kid && { keyid: kid }) },
      );
    }
  }
  common.Controller()(Site);
  common.Inject(JwtService)(Site, undefined, 0);
  const guarded = common.UseGuards(Entrance);
  decorated(Site, {
    login: { on: [common.Post('login'), common.HttpCode(200)], parameters: [common.Body()] },
    refresh: { on: [common.Post('refresh'), common.HttpCode(200), guarded], parameters: [common.Req()] },
    logout: { on: [common.Post('logout'), common.HttpCode(204), guarded], parameters: [common.Req()] },
    me: { on: [common.Get('me'), guarded], parameters: [common.Req()] },
  });

  class AppModule {}
  const { algorithm } = site.keys;
  const tokens = JwtModule.register({
    // Asked for each token, so that keys may change.
    secretOrKeyProvider: (request, token, options) =>
      request === JwtSecretRequestType.SIGN ? site.keys.signing : site.verifying(kidOf(token)),
    signOptions: { ...FOR, algorithm },
    verifyOptions: { ...FOR, algorithms: [algorithm] },
  });
  common.Module({ imports: [tokens], controllers: [Site], providers: [Entrance] })(AppModule);
  return AppModule;
}

function kidOf(token) {
  return new JwtService().decode(token ?? '', { complete: true })?.header.kid;
}

async function start(site) {
  const app = await NestFactory.create(createModule(site), { logger: false });
  await app.listen(0, '127.0.0.1');
  return {
    url: await app.getUrl(),
    close: () => {
      app.getHttpServer().closeAllConnections();
      return app.close();
    },
  };
}

module.exports = { start };
