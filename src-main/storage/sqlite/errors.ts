/** What SQLite's result codes mean to us. https://sqlite.org/rescode.html */
import { BroadsideError } from '../../../shared/base/errors.ts';

const SQLITE_ERROR = 1;
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_READONLY = 8;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_MISMATCH = 20;
const SQLITE_NOTADB = 26;
/** Extended code: the shared memory of the log could not grow, which happens on a full disk. */
const SQLITE_IOERR_SHMSIZE = 4874;

/** The file ends where a page should be. */
const SQLITE_IOERR_SHORT_READ = 522;
/** The file system itself says that it is damaged. */
const SQLITE_IOERR_CORRUPTFS = 8458;

/** The file holds something that its own format, or our schema, does not allow. */
export class DamagedFileError extends Error {}

/** The result code of an error of node:sqlite, extended bits included; 0 for any other error. */
function resultCode(thrown: unknown): number {
  if (!(thrown instanceof Error) || !('errcode' in thrown)) return 0;
  return typeof thrown.errcode === 'number' ? thrown.errcode : 0;
}

export function isFull(thrown: unknown): boolean {
  const code = resultCode(thrown);
  return (code & 0xff) === SQLITE_FULL || code === SQLITE_IOERR_SHMSIZE || nodeCode(thrown) === 'ENOSPC';
}

/** Damage that a running store meets. */
export function isCorrupt(thrown: unknown): boolean {
  const extended = resultCode(thrown);
  const code = extended & 0xff;
  if (extended === SQLITE_IOERR_SHORT_READ || extended === SQLITE_IOERR_CORRUPTFS) return true;
  return thrown instanceof DamagedFileError || code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

/**
 * Damage that shows while a file is opened, where a flipped bit may also make tables unknown, or the file read-only by
 * its header. Only to be asked of a file that may be written.
 */
export function isDamagedAtOpen(thrown: unknown): boolean {
  const code = resultCode(thrown) & 0xff;
  return isCorrupt(thrown) || code === SQLITE_ERROR || code === SQLITE_MISMATCH || code === SQLITE_READONLY;
}

function nodeCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;
}

/** `what` names the store in the message, as in "the block store". */
export function toStorageError(thrown: unknown, what: string): BroadsideError {
  if (thrown instanceof BroadsideError) return thrown;
  const code = resultCode(thrown) & 0xff;
  const cause = { cause: thrown };
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  if (isFull(thrown)) return new BroadsideError('no-space', `the disk is full; free some room for ${what}`, cause);
  if (code === SQLITE_BUSY || code === SQLITE_LOCKED) {
    return new BroadsideError('data-in-use', `${what} is in use by another program; close it and try again`, cause);
  }
  if (code === SQLITE_CANTOPEN || nodeCode(thrown) === 'EACCES' || code === SQLITE_READONLY) {
    return new BroadsideError(
      'unexpected',
      `${what} cannot be opened; check the rights of its folder, and the room on its disk (${detail})`,
      cause,
    );
  }
  return new BroadsideError('unexpected', `${what} failed: ${detail}`, cause);
}
