// Projects with the apps' dependencies, one for each way to have our `jsonwebtoken` in them.
'use strict';

const { execFile } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const { packagesIn, serve } = require('./registry');

const APPS = path.join(__dirname, 'apps');
const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const ALIAS = 'keytide-jsonwebtoken';

/** By name: what a project's `package.json` says besides its dependencies, and how it is installed. */
const WAYS = {
  // As the page has it: the name stands for ours, here and for everybody who asks for it.
  alias: {
    changes: (packages) => ({
      dependencies: { jsonwebtoken: `npm:${ALIAS}@^${packages.get(ALIAS).manifest.version}` },
      overrides: { jsonwebtoken: '$jsonwebtoken' },
    }),
    install: ['install'],
  },
  // The same with packages that lie in a folder.
  tarballs: {
    changes: (packages) => ({
      dependencies: {
        jsonwebtoken: `file:${packages.get(ALIAS).file}`,
        keytide: `file:${packages.get('keytide').file}`,
      },
      overrides: { jsonwebtoken: '$jsonwebtoken', keytide: '$keytide' },
    }),
    install: ['install'],
  },
  // Half of it, of which only the tree of packages is looked at.
  'alias-alone': {
    changes: (packages) => ({
      dependencies: { jsonwebtoken: `npm:${ALIAS}@^${packages.get(ALIAS).manifest.version}` },
    }),
    install: ['install', '--package-lock-only'],
  },
  // The checks hold for the original too; one that does not would say nothing of ours.
  original: { changes: () => ({}), install: ['ci'] },
};

/** Builds each project once for what is in it; the same again is taken as it is. */
class Projects {
  constructor(cache, tarballs) {
    this.cache = path.resolve(cache);
    this.tarballs = path.resolve(tarballs);
  }

  /** The folder of a project that is installed, with the apps as they are now. */
  async ready(way) {
    const folder = path.join(this.cache, `npm-${way}`);
    const stamp = path.join(folder, 'made-of');
    const digest = this.#digest(way);
    if (!fs.existsSync(stamp) || fs.readFileSync(stamp, 'utf8') !== digest) {
      fs.rmSync(folder, { recursive: true, force: true });
      fs.mkdirSync(folder, { recursive: true });
      await this.#install(folder, WAYS[way]);
      fs.writeFileSync(stamp, digest);
    }
    // They lie in the project because packages are looked for from where a program lies.
    for (const name of fs.readdirSync(APPS).filter((file) => file.endsWith('.js'))) {
      fs.copyFileSync(path.join(APPS, name), path.join(folder, name));
    }
    return folder;
  }

  async #install(folder, { changes, install }) {
    const project = JSON.parse(fs.readFileSync(path.join(APPS, 'package.json'), 'utf8'));
    const { dependencies, overrides } = changes(packagesIn(this.tarballs));
    Object.assign(project.dependencies, dependencies);
    fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ ...project, overrides }, null, 2));
    // A project that moves to ours has a lock file already, in which the original stands.
    fs.copyFileSync(path.join(APPS, 'package-lock.json'), path.join(folder, 'package-lock.json'));
    const { stdout } = await npm(folder, ['config', 'get', 'registry']);
    const registry = await serve(this.tarballs, stdout.trim());
    try {
      await npm(folder, [...install, '--ignore-scripts', '--no-audit', '--no-fund', `--registry=${registry.url}`]);
    } finally {
      await registry.close();
    }
  }

  #digest(way) {
    const madeOf = crypto.createHash('sha256').update(`${way} ${process.version}`);
    const sources = ['apps/package.json', 'apps/package-lock.json', 'projects.js', 'registry.js'];
    for (const file of sources.map((name) => path.join(__dirname, name))) madeOf.update(fs.readFileSync(file));
    for (const [, { file }] of [...packagesIn(this.tarballs)].sort()) madeOf.update(fs.readFileSync(file));
    return madeOf.digest('hex');
  }
}

function npm(folder, parameters) {
  return promisify(execFile)(NPM, parameters, { cwd: folder, shell: process.platform === 'win32' });
}

module.exports = { ALIAS, Projects };
