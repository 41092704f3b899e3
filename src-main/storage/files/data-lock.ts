/**
 * One process a data folder. The lock is SQLite's on an empty file (fcntl, LockFileEx on Windows): the system takes it
 * back when the process ends, however it ends, so there is no stale lock and no guessing by process id. The id is in a
 * file beside, for the message only.
 */
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { isCorrupt, toStorageError } from '../sqlite/errors.ts';
import { DIRECTORY_MODE, FILE_MODE } from './durable-file.ts';

export interface DataLock {
  /** Idempotent. */
  release(): void;
}

const LOCK_FILE = 'lock';
const HOLDER_FILE = 'lock-holder';

/**
 * Real path of a folder to the connection that holds it: one that nobody refers to would be collected, and its lock with
 * it. And who has locked a folder must not open its lock file again, since POSIX drops a process's locks on a file as soon
 * as it closes any descriptor of it.
 */
const held = new Map<string, DatabaseSync>();

/** Creates the folder when it is not there. Errors: 'data-in-use' with the holder's process id, 'unexpected'. */
export function lockDataDirectory(directory: string): DataLock {
  const path = join(directory, LOCK_FILE);
  const holderPath = join(directory, HOLDER_FILE);
  let database: DatabaseSync;
  let realPath: string;
  try {
    mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE });
    realPath = realpathSync(directory);
    if (held.has(realPath)) throw inUse(directory, `process ${process.pid}`);
    closeSync(openSync(path, 'a', FILE_MODE));
    chmodSync(path, FILE_MODE);
    database = openLocked(path);
  } catch (thrown) {
    const error = toStorageError(thrown, `the data folder ${directory}`);
    throw error.code === 'data-in-use' && error !== thrown ? inUse(directory, describeHolder(holderPath)) : error;
  }
  held.set(realPath, database);
  try {
    writeFileSync(holderPath, `${process.pid}\n`, { mode: FILE_MODE });
  } catch {
    // For a message only: on a full disk the folder is locked without it.
  }
  return {
    release: () => {
      if (held.get(realPath) !== database) return;
      held.delete(realPath);
      rmSync(holderPath, { force: true });
      database.close();
    },
  };
}

function inUse(directory: string, holder: string): BroadsideError {
  return new BroadsideError(
    'data-in-use',
    `the data folder ${directory} is in use by ${holder}; stop it, or use another folder`,
  );
}

function openLocked(path: string): DatabaseSync {
  try {
    return openExclusive(path);
  } catch (thrown) {
    if (!isCorrupt(thrown)) throw thrown;
    // Nothing of ours is ever in it; what is there now is rubbish, and nobody can hold a lock on that.
    truncateSync(path);
    return openExclusive(path);
  }
}

/** The transaction is never ended: its lock is the point. It writes nothing. */
function openExclusive(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}

function describeHolder(path: string): string {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return Number.isInteger(pid) ? `process ${pid}` : 'another process';
  } catch {
    return 'another process';
  }
}
