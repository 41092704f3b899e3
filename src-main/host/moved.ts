/**
 * Where a data directory is that was moved: `moved.json` in the place of before leads to it, so that whoever names that place, or none,
 * finds it. move-data.ts moves it.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { BroadsideError } from '../../shared/base/errors.ts';
import { readJsonFile } from './data-directory.ts';

export const MOVED = 'moved.json';
/** Lies in a target until all of it is there. */
export const MOVING = 'moving.json';
const IDENTITY = 'identity.key';
const IDENTITY_BYTES = 32;
/** A place that leads to one that leads on. More than anybody moves it without looking; a circle ends there. */
const MAX_STEPS = 8;

/** Throws `not-found` where the directory was moved to a disk that is not there now: a fresh one is never made in its place. */
export function followMoved(path: string): string {
  let now = path;
  for (let step = 0; step <= MAX_STEPS; step += 1) {
    const pointer = readJsonFile(join(now, MOVED)) as { to?: unknown } | undefined;
    if (typeof pointer?.to !== 'string' || !isAbsolute(pointer.to)) return now;
    // Moved on from there, it left another of these.
    if (![IDENTITY, MOVED].some((name) => existsSync(join(pointer.to as string, name)))) {
      throw new BroadsideError(
        'not-found',
        `The data directory was moved to ${pointer.to}, and is not there now. Attach that disk; or, to begin anew here, remove ${join(now, MOVED)}.`,
      );
    }
    // Only what is known to be there: the identity goes last.
    const [old, current] = [now, pointer.to].map((place) => identityOf(place));
    if (old !== undefined && current !== undefined && old.equals(current)) removeOld(now);
    now = pointer.to;
  }
  throw new BroadsideError('usage', `${path} leads to itself (${MOVED}). Name the data directory with --data.`);
}

/** What is left in the place of before; its identity last, by which what an interruption left is known. What is in use stays until then. */
export function removeOld(path: string): void {
  let isEmpty = true;
  for (const name of readdirSync(path)) {
    if (name === MOVED || name === 'lock' || name === IDENTITY) continue;
    try {
      rmSync(join(path, name), { recursive: true, force: true });
    } catch {
      isEmpty = false;
    }
  }
  if (isEmpty) rmSync(join(path, IDENTITY), { force: true });
}

function identityOf(path: string): Buffer | undefined {
  const file = join(path, IDENTITY);
  // The secret alone: what stands behind it came with a later version, in one of the two places perhaps.
  return existsSync(file) ? readFileSync(file).subarray(0, IDENTITY_BYTES) : undefined;
}
