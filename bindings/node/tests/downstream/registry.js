// A registry on loopback that has our packages, and sends whoever asks for another to the usual one:
// `npm:` names are tried before anything is published.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const zlib = require('node:zlib');

const BLOCK = 512;

/** The manifest in an npm tarball. */
function manifestOf(tarball) {
  const archive = zlib.gunzipSync(fs.readFileSync(tarball));
  const text = (start, end) => archive.toString('utf8', start, end).replace(/\0.*$/s, '');
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0;) {
    const size = parseInt(text(at + 124, at + 136), 8);
    const content = at + BLOCK;
    if (text(at, at + 100) === 'package/package.json') return JSON.parse(text(content, content + size));
    at = content + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new Error(`${tarball} has no package.json`);
}

/** Name to manifest and file, of each tarball in a folder. */
function packagesIn(folder) {
  const files = fs.readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  const packages = files.map((name) => {
    const file = path.join(folder, name);
    return { manifest: manifestOf(file), file };
  });
  return new Map(packages.map((found) => [found.manifest.name, found]));
}

/** What npm reads of a package before it fetches it. */
function packument({ manifest, file }, origin) {
  const integrity = `sha512-${crypto.createHash('sha512').update(fs.readFileSync(file)).digest('base64')}`;
  const { name, version } = manifest;
  const dist = { tarball: `${origin}/tarballs/${name}`, integrity };
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } };
}

/** Serves until `close()` is called; `others` is the URL of the usual registry. */
async function serve(folder, others) {
  const ours = packagesIn(folder);
  const server = http.createServer((request, response) => {
    const [, first, second] = request.url.split('/');
    if (first === 'tarballs') return fs.createReadStream(ours.get(second).file).pipe(response);
    if (ours.has(first))
      return response.end(JSON.stringify(packument(ours.get(first), `http://${request.headers.host}`)));
    return response.writeHead(302, { location: new URL(request.url.slice(1), others).href }).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

module.exports = { packagesIn, serve };
