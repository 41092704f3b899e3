/** The build in out/: made anew when its sources changed. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { withLock } from './lock.mjs';

/** What each target is made from. */
const SOURCES = {
  interface: [
    'src-renderer',
    'src-main/host/content/viewer',
    'src-main/host/content/help',
    'shared',
    'build/build.mjs',
    'electron.config.ts',
    'package-lock.json',
  ],
  app: ['src-main', 'src-renderer', 'shared', 'build/build.mjs', 'electron.config.ts', 'package-lock.json'],
};

function stampOf(root, target) {
  const hash = createHash('sha256');
  const add = (path) => {
    const entry = statSync(path, { throwIfNoEntry: false });
    if (entry === undefined) return;
    if (entry.isDirectory()) {
      for (const name of readdirSync(path).sort()) add(join(path, name));
      return;
    }
    hash.update(`${relative(root, path)}\0${entry.size}\0${entry.mtimeMs}\n`);
  };
  for (const source of SOURCES[target]) add(join(root, source));
  return hash.digest('hex');
}

function isStamped(path, stamp) {
  try {
    return readFileSync(path, 'utf8') === stamp;
  } catch {
    return false;
  }
}

/** Builds `target`, 'interface' (what the daemon serves) or 'app' (that and Electron's main and preload), if it is stale. */
export async function ensureBuilt(root, target) {
  const stampPath = join(root, 'out', `.${target}-stamp`);
  if (isStamped(stampPath, stampOf(root, target))) return;
  await withLock(join(root, '.cache/bootstrap.lock'), async () => {
    const stamp = stampOf(root, target);
    if (isStamped(stampPath, stamp)) return;
    process.stderr.write(`broadside: building the ${target}\n`);
    const { build } = await import('../build.mjs');
    await build(root, target);
    mkdirSync(dirname(stampPath), { recursive: true });
    writeFileSync(stampPath, stamp);
    if (target === 'app') writeFileSync(join(root, 'out/.interface-stamp'), stampOf(root, 'interface'));
  });
}
