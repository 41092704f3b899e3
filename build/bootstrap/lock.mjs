/** One at a time: two commands that start together must not both install or both build. For Node 18 and later. */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Longest that an install or build of somebody else is waited for: a slow line and 600 MB to fetch; a guess. */
const PATIENCE_MS = 15 * 60_000;
/** Between looks at a lock that is held: a file's disappearance in another process cannot be awaited portably. */
const LOOK_MS = 200;
/** A lock file without a process id in it was made by one that is just writing it, unless it is older than this. */
const UNSIGNED_LOOKS = 25;

function holderOf(path) {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function take(path) {
  try {
    const file = openSync(path, 'wx');
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves away the lock of a process that is gone; of two that try, the rename lets one through. */
function breakLock(path) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    rmSync(aside);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

/** Runs `work` while holding the lock file at `path`. Fails when another process holds it for longer than 15 minutes. */
export async function withLock(path, work) {
  mkdirSync(dirname(path), { recursive: true });
  const startMs = Date.now();
  for (let looks = 0, said = false; !take(path); looks += 1) {
    const holder = holderOf(path);
    const isGone = holder !== undefined && (holder > 0 ? !isAlive(holder) : looks > UNSIGNED_LOOKS);
    if (isGone) {
      breakLock(path);
      continue;
    }
    if (Date.now() - startMs > PATIENCE_MS) {
      throw new Error(`process ${holder} has been installing or building for 15 minutes; end it, or remove ${path}`);
    }
    if (!said && looks > 5) {
      process.stderr.write('broadside: waiting for another command that is installing or building\n');
      said = true;
    }
    await delay(LOOK_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}
