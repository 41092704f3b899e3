/** The dependencies: installed as the lock file says, when it changed. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withLock } from './lock.mjs';
import { installIn } from './npm.mjs';

function readOrUndefined(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * True when what npm says it installed is what the lock file lists, so that an `npm install` by hand is not followed
 * by a second install. Optional packages may be missing: they are for other platforms.
 */
function matchesInstalled(lockText, installedText) {
  if (installedText === undefined) return false;
  const wanted = JSON.parse(lockText).packages;
  const installed = JSON.parse(installedText).packages;
  return Object.entries(wanted).every(
    ([place, entry]) =>
      place === '' ||
      (installed[place] === undefined ? entry.optional === true : installed[place].integrity === entry.integrity),
  );
}

/** Installs the dependencies unless they are as package-lock.json has them. */
export async function ensureModules(root) {
  const stampPath = join(root, 'node_modules/.broadside-stamp');
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const stamp = createHash('sha256').update(lockText).digest('hex');
  if (readOrUndefined(stampPath) === stamp) return;
  await withLock(join(root, '.cache/bootstrap.lock'), async () => {
    if (readOrUndefined(stampPath) === stamp) return;
    if (!matchesInstalled(lockText, readOrUndefined(join(root, 'node_modules/.package-lock.json')))) {
      process.stderr.write('broadside: installing dependencies\n');
      await installIn(root);
    }
    mkdirSync(dirname(stampPath), { recursive: true });
    writeFileSync(stampPath, stamp);
  });
}
