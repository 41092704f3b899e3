/** Opening a database file of ours: owner-only, checked for its schema, and moved aside when it is damaged. */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { DamagedFileError, isDamagedAtOpen, toStorageError } from './errors.ts';

export interface DatabaseSchema {
  /** As in "the block store", for messages. */
  readonly what: string;
  /** 32 bits in the file's header that say whose it is. */
  readonly applicationId: number;
  readonly version: number;
  /** A power of two, 512 ... 65,536. */
  readonly pageBytes: number;
  /** Damaged files that are kept beside, 1 or more; at the bound the last is overwritten. */
  readonly damagedFiles: number;
  /** Pragmas of the connection, run at each open. */
  readonly pragmas: string;
  /** Creates the tables of `version` in an empty file. The table `meta (name, value)` exists by then. */
  readonly create: (database: DatabaseSync) => void;
  /** Makes a file of the version before one of `version`, in a transaction; there where that is above 1. */
  readonly upgrade?: (database: DatabaseSync) => void;
  /** Throws when the content is damaged; must be quick. */
  readonly check: (database: DatabaseSync) => void;
}

/** Another process may hold the lock for as long as a commit takes. */
const BUSY_TIMEOUT_MS = 2_000;
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const SIDE_FILES = ['-wal', '-shm', '-journal'];

export interface OpenedDatabase {
  readonly database: DatabaseSync;
  /** Where a damaged file of this path was moved, if it was. */
  readonly movedTo: string | undefined;
}

/**
 * Opens or creates. Errors: 'not-in-version' for a file of a newer version, 'no-space', 'data-in-use', 'unexpected'. A
 * damaged file is renamed to `path.damaged-N` and a fresh one created.
 */
export function openDatabaseFile(path: string, schema: DatabaseSchema): OpenedDatabase {
  try {
    prepareFile(path);
    try {
      return { database: openChecked(path, schema), movedTo: undefined };
    } catch (thrown) {
      if (!isDamagedAtOpen(thrown)) throw thrown;
      const movedTo = moveAside(path, schema.damagedFiles);
      prepareFile(path);
      return { database: openChecked(path, schema), movedTo };
    }
  } catch (thrown) {
    throw toStorageError(thrown, schema.what);
  }
}

/** Renames the database and what belongs to it; returns the new path. Every connection must be closed. */
export function moveAside(path: string, damagedFiles: number): string {
  let number = 1;
  while (number < damagedFiles && existsSync(`${path}.damaged-${number}`)) number += 1;
  const target = `${path}.damaged-${number}`;
  for (const suffix of ['', ...SIDE_FILES]) {
    rmSync(target + suffix, { force: true });
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  }
  return target;
}

/** SQLite gives the log and its index the mode of the database, so that this one call is enough. */
function prepareFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
  closeSync(openSync(path, 'a', FILE_MODE));
  chmodSync(path, FILE_MODE);
}

function openChecked(path: string, schema: DatabaseSchema): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    const isNew = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.['count'] === 0;
    // Both are fixed by the first write, and WAL is one.
    if (isNew) database.exec(`PRAGMA page_size = ${schema.pageBytes}; PRAGMA auto_vacuum = INCREMENTAL`);
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; ${schema.pragmas}`,
    );
    if (isNew) create(database, schema);
    const version = checkIdentity(database, schema);
    if (version < schema.version) upgrade(database, schema);
    schema.check(database);
    return database;
  } catch (thrown) {
    try {
      database.close();
    } catch {
      // The first error is the one to tell.
    }
    throw thrown;
  }
}

function create(database: DatabaseSync, schema: DatabaseSchema): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    database.exec(`PRAGMA application_id = ${schema.applicationId}; PRAGMA user_version = ${schema.version}`);
    database.exec('CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) WITHOUT ROWID, STRICT');
    database.prepare('INSERT INTO meta (name, value) VALUES (?, ?)').run('version', schema.version);
    schema.create(database);
    database.exec('COMMIT');
  } catch (thrown) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw thrown;
  }
}

function upgrade(database: DatabaseSync, schema: DatabaseSchema): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    schema.upgrade?.(database);
    database.exec(`PRAGMA user_version = ${schema.version}`);
    database.prepare("UPDATE meta SET value = ? WHERE name = 'version'").run(schema.version);
    database.exec('COMMIT');
  } catch (thrown) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw thrown;
  }
}

/** The version is in the header and in a row: only where they agree is a newer one believed, for a header can rot. */
function checkIdentity(database: DatabaseSync, schema: DatabaseSchema): number {
  const applicationId = database.prepare('PRAGMA application_id').get()?.['application_id'];
  const inHeader = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  const inTable = Number(database.prepare("SELECT value FROM meta WHERE name = 'version'").get()?.['value']);
  if (applicationId !== schema.applicationId || inHeader !== inTable)
    throw new DamagedFileError('not a file of this kind');
  if (inHeader > schema.version) {
    throw new BroadsideError(
      'not-in-version',
      `${schema.what} was written by a newer version of Broadside (format ${inHeader}, this one knows ${schema.version}); ` +
        'use that version, or another data folder',
    );
  }
  if (inHeader < 1) throw new DamagedFileError('no version');
  return inHeader;
}
