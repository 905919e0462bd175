'use strict';
// Weak values we refuse at startup
const DENY = new Set(['secret', 'changeme', 'your-256-bit-secret', 'jwt_secret', 'supersecret']);

module.exports = {
  meta: { messages: { hard: 'Do not call jwt.sign(payload, "secret") with a literal' } },
  create(ctx) {
    return {
      Literal(node) {
        if (DENY.has(node.value)) ctx.report({ node, messageId: 'hard' });
      },
    };
  },
};
