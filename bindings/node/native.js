// Finds the addon that was built for this platform.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const platformName = require('./lib/platform');

function load() {
  // A path of one's own, for packagers and for trying a build.
  const chosen = process.env.KEYTIDE_NATIVE_ADDON;
  if (chosen) return require(path.resolve(chosen));
  const name = `keytide.${platformName()}.node`;
  const beside = path.join(__dirname, name);
  if (fs.existsSync(beside)) return require(beside);
  throw new Error(
    `keytide has no addon for this platform (${name}). ` +
      'Build it with `cargo xtask package`, or ask for the platform to be added.',
  );
}

module.exports = load();
