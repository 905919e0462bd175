// Finds the addon that was built for this platform.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** `linux-x64-gnu`, `darwin-arm64`, `win32-x64-msvc`: as the prebuilt addons are named. */
function platformName() {
  const { platform, arch } = process;
  if (platform === 'linux') return `${platform}-${arch}-${isMusl() ? 'musl' : 'gnu'}`;
  return platform === 'win32' ? `${platform}-${arch}-msvc` : `${platform}-${arch}`;
}

function isMusl() {
  // Node names the glibc it runs on; with musl there is none.
  return !process.report?.getReport?.().header?.glibcVersionRuntime;
}

function load() {
  const name = `keytide.${platformName()}.node`;
  // A path of one's own, for packagers and for trying a build.
  const chosen = process.env.KEYTIDE_NATIVE_ADDON;
  if (chosen) return require(path.resolve(chosen));
  const beside = path.join(__dirname, name);
  if (fs.existsSync(beside)) return require(beside);
  throw new Error(
    `keytide has no addon for this platform (${name}). ` +
      'Build it with `cargo xtask package`, or ask for the platform to be added.',
  );
}

module.exports = load();
