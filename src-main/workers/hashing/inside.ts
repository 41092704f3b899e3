/** Whether a path really leads to something within a folder, whatever somebody has put in the place of its parts. */
import { readlinkSync, realpathSync } from 'node:fs';
import { sep } from 'node:path';

/** `root`: absolute, without symbolic links. Throws as realpath does. */
export function isWithin(root: string, path: string): boolean {
  return isBelow(root, realpathSync.native(path));
}

/** Of a file that is open: on Linux what was opened is asked, so that nobody can exchange it in between. */
export function isOpenWithin(root: string, path: string, descriptor: number): boolean {
  if (process.platform === 'linux') return isBelow(root, readlinkSync(`/proc/self/fd/${descriptor}`));
  return isWithin(root, path);
}

function isBelow(root: string, real: string): boolean {
  return real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
}
