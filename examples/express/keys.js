// The ring that this service works with, and when its keys are others.
'use strict';

const fs = require('node:fs');
const { Ring } = require('keytide');

/** The ring of a server, whose keys change by themselves: `url` as http://127.0.0.1:7430/rings/NAME. */
async function connected(url, token) {
  const ring = Ring.connect(url, token, { consumer: 'shop' });
  await ring.ready();
  return { ring: () => ring, epochs: () => undefined };
}

/** The keys that `keytide run` gave: as files, which are read again when it signals, or as variables. */
function given(env) {
  const load = () => {
    if (!env.JWT_KEYS_FILE) return { ring: Ring.fromEnv({ env }), epochs: env.KEYTIDE_EPOCHS };
    const read = (name) => fs.readFileSync(env[`${name}_FILE`], 'utf8');
    // The version first: whatever comes between the two makes it say too little, never too much.
    const epochs = read('KEYTIDE_EPOCHS');
    return { ring: Ring.fromEnv({ env: { JWT_KEYS: read('JWT_KEYS') } }), epochs };
  };
  let loaded = load();
  process.on('SIGHUP', () => {
    try {
      loaded = load();
    } catch (error) {
      console.error(`the keys stay as they are: ${error.message}`);
    }
  });
  return { ring: () => loaded.ring, epochs: () => loaded.epochs };
}

/** From `KEYTIDE_RING` and `KEYTIDE_TOKEN`, or what `keytide run` set. */
async function openKeys(env) {
  return env.KEYTIDE_RING ? connected(env.KEYTIDE_RING, env.KEYTIDE_TOKEN) : given(env);
}

module.exports = { openKeys };
