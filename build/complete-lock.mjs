/**
 * `node build/complete-lock.mjs`, after a dependency was added: enters into package-lock.json the binary packages for other
 * platforms that the registry in use does not carry. npm leaves such packages out of the lock file, and its own `npm ci`
 * then refuses that file. The entries have no hash (there is nothing to hash); no platform installs them but their own.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const path = join(import.meta.dirname, '../package-lock.json');
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = {
  arm64: 'arm64',
  aarch64: 'arm64',
  armv7: 'arm',
  arm: 'arm',
  x64: 'x64',
  ia32: 'ia32',
  riscv64: 'riscv64',
  s390x: 's390x',
  ppc64le: 'ppc64',
  ppc64: 'ppc64',
  loong64: 'loong64',
  wasm32: 'wasm32',
};

/** What the name of a package for one platform says of it, in the terms of package.json; undefined for another's name. */
function platformOf(name) {
  const parts = name.split(/[/-]/);
  const os = parts.find((part) => SYSTEMS.includes(part));
  const processor = parts.find((part) => Object.hasOwn(PROCESSORS, part));
  if (processor === 'wasm32') return { cpu: ['wasm32'] };
  if (os === undefined || processor === undefined) return undefined;
  const libc = parts.includes('musl') ? ['musl'] : os === 'linux' && parts.includes('gnu') ? ['glibc'] : undefined;
  return { cpu: [PROCESSORS[processor]], ...(libc && { libc }), os: [os] };
}

const lock = JSON.parse(readFileSync(path, 'utf8'));
const isLocked = (from, name) => {
  // As Node looks for it: in its own node_modules, then in each one above.
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    if (lock.packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) return true;
    if (at === '') return false;
  }
};
const added = [];
for (const [place, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isLocked(place, name)) continue;
    const platform = platformOf(name);
    if (platform === undefined || !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
      process.stderr.write(`left out: ${name}@${version} of ${place}: not a package for one platform\n`);
      continue;
    }
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: platform.cpu,
      ...(entry.dev && { dev: true }),
      ...(platform.libc && { libc: platform.libc }),
      optional: true,
      ...(platform.os && { os: platform.os }),
    };
    added.push(`${name}@${version}`);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
process.stderr.write(`${added.length} entries added\n`);
