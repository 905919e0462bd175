import session from 'express-session';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  app.use(
    session({
      secret: 'portal-session-only',
      cookie: { maxAge: 60000 },
    }),
  );
  await app.listen(process.env.PORT ?? 3000);
}
bootstrap();
