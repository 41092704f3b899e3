/**
 * The library in an SQLite file, every row sealed: the disk tells how many rows there are and how long, not of what.
 *
 * column    holds
 *   id        H("library row", key, origin, link)
 *   sealed    nonce (24), then JSON of [origin, link, value] under the key, XChaCha20-Poly1305, associated data: id
 *
 * It works on the thread that calls it: a row is written when somebody publishes or opens something, and that is a few
 * milliseconds of syncing every now and then.
 */
import type { DatabaseSync } from 'node:sqlite';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Crypto, LibraryRow, LibraryStore, Random } from '../../core/ports.ts';
import { openDatabaseFile } from './database-file.ts';
import type { DatabaseSchema } from './database-file.ts';
import { DamagedFileError, toStorageError } from './errors.ts';
import { Sealer } from './sealer.ts';

const KEY_BYTES = 32;
export const MAX_LINK_CHARACTERS = 4_096;
export const MAX_VALUE_BYTES = 1024 * 1024;
/** More than anybody publishes or opens by hand (guess); at 2 kB a row 200 MB, which list() reads as a whole. */
export const MAX_LIBRARY_ROWS = 100_000;
/** What is sealed in the table meta to tell a wrong key at once. */
const KEY_CHECK = new TextEncoder().encode('broadside library 1');

export interface LibraryStoreOptions {
  readonly path: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly crypto: Crypto;
  readonly random: Random;
  /** Told where a damaged file was moved; an empty library has taken its place. */
  readonly onDamaged?: (movedTo: string) => void;
}

const SCHEMA: Omit<DatabaseSchema, 'create'> = {
  what: 'the library',
  applicationId: 0x42_53_6c_69, // 'BSli'
  version: 1,
  pageBytes: 4_096,
  damagedFiles: 10,
  // What is removed is overwritten, so that who gets the key later does not find it.
  pragmas: 'PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 4194304; PRAGMA cell_size_check = ON',
  check: (database) => {
    const verdict = database.prepare('PRAGMA quick_check').get()?.['quick_check'];
    if (verdict !== 'ok') throw new DamagedFileError(String(verdict));
    if (!(keyCheckOf(database) instanceof Uint8Array)) throw new DamagedFileError('no key check');
  },
};

/** Opens or creates the library. Errors: 'refused' (another key), 'not-in-version', 'data-in-use', 'no-space'. */
export async function openLibraryStore(options: LibraryStoreOptions): Promise<LibraryStore> {
  const { path, key, crypto, random } = options;
  if (key.length !== KEY_BYTES) throw new BroadsideError('usage', `the key of a library is ${KEY_BYTES} bytes`);
  const sealer = new Sealer(crypto, random, new Uint8Array(key));
  const create = (database: DatabaseSync) => {
    database.exec('CREATE TABLE rows (id BLOB PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID, STRICT');
    const sealed = sealer.seal(KEY_CHECK, new Uint8Array(0));
    database.prepare('INSERT INTO meta (name, value) VALUES (?, ?)').run('key check', sealed);
  };
  const { database, movedTo } = openDatabaseFile(path, { ...SCHEMA, create });
  const check = sealer.open(keyCheckOf(database) as Uint8Array, new Uint8Array(0));
  if (check === undefined || !bytesEqual(check, KEY_CHECK)) {
    database.close();
    throw new BroadsideError(
      'refused',
      `the library at ${path} belongs to another key; put back the key it was made with`,
    );
  }
  if (movedTo !== undefined) options.onDamaged?.(movedTo);
  return new SqliteLibraryStore(database, sealer);
}

function keyCheckOf(database: DatabaseSync): unknown {
  return database.prepare("SELECT value FROM meta WHERE name = 'key check'").get()?.['value'];
}

class SqliteLibraryStore implements LibraryStore {
  readonly #database: DatabaseSync;
  readonly #sealer: Sealer;

  constructor(database: DatabaseSync, sealer: Sealer) {
    this.#database = database;
    this.#sealer = sealer;
  }

  async list(): Promise<LibraryRow[]> {
    return this.#run(() => {
      const rows: LibraryRow[] = [];
      for (const { id, sealed } of this.#database.prepare('SELECT id, sealed FROM rows').iterate()) {
        const row = this.#read(id as Uint8Array, sealed as Uint8Array);
        if (row !== undefined) rows.push(row);
      }
      return rows;
    });
  }

  async put(row: LibraryRow): Promise<void> {
    const { origin, link, value } = row;
    const plaintext = new TextEncoder().encode(JSON.stringify([origin, link, value]));
    if (link.length > MAX_LINK_CHARACTERS || new TextEncoder().encode(value).length > MAX_VALUE_BYTES) {
      throw new BroadsideError(
        'usage',
        'a row of the library has a link of 4,096 characters and a value of 1 MiB at most',
      );
    }
    const id = rowId(this.#sealer, origin, link);
    const sealed = this.#sealer.seal(plaintext, id);
    this.#run(() => {
      const known = this.#database.prepare('SELECT 1 FROM rows WHERE id = ?').get(id) !== undefined;
      const count = known ? 0 : this.#database.prepare('SELECT count(*) AS count FROM rows').get()!['count'];
      if (Number(count) >= MAX_LIBRARY_ROWS) {
        throw new BroadsideError('no-space', `the library is full (${MAX_LIBRARY_ROWS} entries); remove some`);
      }
      this.#database.prepare('INSERT OR REPLACE INTO rows (id, sealed) VALUES (?, ?)').run(id, sealed);
    });
  }

  async remove(origin: LibraryRow['origin'], link: string): Promise<void> {
    this.#run(() => {
      const { changes } = this.#database
        .prepare('DELETE FROM rows WHERE id = ?')
        .run(rowId(this.#sealer, origin, link));
      // The log would keep the removed row until it is next written over.
      if (changes > 0) this.#database.exec('PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)');
    });
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }

  #read(id: Uint8Array, sealed: Uint8Array): LibraryRow | undefined {
    const plaintext = this.#sealer.open(sealed, id);
    if (plaintext === undefined) return undefined;
    const [origin, link, value] = JSON.parse(new TextDecoder().decode(plaintext));
    return { origin, link, value };
  }

  #run<Value>(work: () => Value): Value {
    if (!this.#database.isOpen) throw new BroadsideError('unexpected', 'the library is closed');
    try {
      return work();
    } catch (thrown) {
      throw toStorageError(thrown, SCHEMA.what);
    }
  }
}

function rowId(sealer: Sealer, origin: string, link: string): Uint8Array {
  const encoder = new TextEncoder();
  return sealer.rowId('library row', encoder.encode(origin), encoder.encode(link));
}
