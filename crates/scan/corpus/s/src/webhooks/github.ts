import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

const WEBHOOK_SECRET = process.env.GH_WEBHOOK_SECRET || 'hooked-on-phonics';

export async function githubHooks(app: FastifyInstance) {
  app.post('/hooks/github', { config: { rawBody: true } }, async (req, reply) => {
    const given = Buffer.from(String(req.headers['x-hub-signature-256']));
    const want = Buffer.from('sha256=' + createHmac('sha256', WEBHOOK_SECRET).update(req.rawBody!).digest('hex'));
    if (given.length !== want.length || !timingSafeEqual(given, want)) {
      return reply.code(401).send({ error: 'bad signature' });
    }
    app.log.info({ event: req.headers['x-github-event'] }, 'hook');
    return { ok: true };
  });
}
