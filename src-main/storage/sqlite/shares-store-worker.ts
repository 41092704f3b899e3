/** The thread of shares-store.ts: owns the file, runs each request as one transaction, in order. */
import type { DatabaseSync } from 'node:sqlite';
import { openDatabaseFile } from './database-file.ts';
import { DamagedFileError } from './errors.ts';
import type { SharesProtocol, SharesRequest, SharesSetup, SharesValue } from './shares-messages.ts';
import { serveStores } from './thread-side.ts';

const WHAT = 'the list of shared folders';
/** Rows that one turn of dropping a folder deletes: a log of some megabytes. */
const DROPPED_AT_ONCE = 20_000;

function create(database: DatabaseSync, keyCheck: Uint8Array): void {
  database.exec(`
    CREATE TABLE folders (folder INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE files (folder INTEGER NOT NULL, id BLOB NOT NULL, sealed BLOB NOT NULL, hashes BLOB NOT NULL,
      PRIMARY KEY (folder, id)) WITHOUT ROWID, STRICT;
  `);
  database.prepare('INSERT INTO meta (name, value) VALUES (?, ?)').run('key check', keyCheck);
}

function check(database: DatabaseSync): void {
  if (!(keyCheckOf(database) instanceof Uint8Array)) throw new DamagedFileError('no key check');
}

function keyCheckOf(database: DatabaseSync): unknown {
  return database.prepare("SELECT value FROM meta WHERE name = 'key check'").get()?.['value'];
}

function open({ path, keyCheck }: SharesSetup): { database: DatabaseSync; movedTo: string | undefined } {
  return openDatabaseFile(path, {
    what: WHAT,
    applicationId: 0x42_53_73_68, // 'BSsh'
    version: 1,
    pageBytes: 4_096,
    damagedFiles: 3,
    // What is removed is overwritten, so that who gets the key later does not find it.
    pragmas: 'PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 4194304; PRAGMA cell_size_check = ON',
    create: (database) => create(database, keyCheck),
    check,
  });
}

class Server {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  run(request: SharesRequest): SharesValue {
    const database = this.#database;
    switch (request.type) {
      case 'folders':
        return database.prepare('SELECT folder, sealed FROM folders ORDER BY folder').all() as unknown as SharesValue;
      case 'put-folder':
        database
          .prepare('INSERT OR REPLACE INTO folders (folder, sealed) VALUES (?, ?)')
          .run(request.folder, request.sealed);
        return true;
      case 'drop-folder':
        this.#drop(request.folder);
        return true;
      case 'files':
        return this.#page(request.folder, request.after, request.limit);
      case 'hashes':
        return database
          .prepare('SELECT hashes FROM files WHERE folder = ? AND id = ?')
          .get(request.folder, request.file)?.['hashes'] as Uint8Array | undefined;
      case 'change':
        this.#change(request);
        return true;
      case 'close':
        database.close();
        return true;
    }
  }

  /** Rows of a page in one piece, which costs a tenth of so many objects. */
  #page(folder: number, after: Uint8Array, limit: number): Uint8Array {
    const rows = this.#database
      .prepare('SELECT id, sealed FROM files WHERE folder = ? AND id > ? ORDER BY id LIMIT ?')
      .all(folder, after, limit) as { id: Uint8Array; sealed: Uint8Array }[];
    const page = new Uint8Array(rows.reduce((sum, { id, sealed }) => sum + 4 + id.length + sealed.length, 0));
    const view = new DataView(page.buffer);
    let offset = 0;
    for (const { id, sealed } of rows) {
      view.setUint32(offset, id.length + sealed.length, true);
      page.set(id, offset + 4);
      page.set(sealed, offset + 4 + id.length);
      offset += 4 + id.length + sealed.length;
    }
    return page;
  }

  #change({ folder, put, moved, removed }: Extract<SharesRequest, { type: 'change' }>): void {
    const database = this.#database;
    const upsert = database.prepare('INSERT OR REPLACE INTO files (folder, id, sealed, hashes) VALUES (?, ?, ?, ?)');
    const remove = database.prepare('DELETE FROM files WHERE folder = ? AND id = ?');
    const hashesOf = database.prepare('SELECT hashes FROM files WHERE folder = ? AND id = ?');
    database.exec('BEGIN IMMEDIATE');
    try {
      // All are taken before any is put: two files may have changed places.
      const taken = moved.map(({ from }) => hashesOf.get(folder, from)?.['hashes']);
      for (const id of removed) remove.run(folder, id);
      for (const { from } of moved) remove.run(folder, from);
      moved.forEach(({ id, sealed }, index) => {
        const hashes = taken[index];
        if (hashes instanceof Uint8Array) upsert.run(folder, id, sealed, hashes);
      });
      for (const { id, sealed, hashes } of put) upsert.run(folder, id, sealed, hashes);
      database.exec('COMMIT');
    } catch (thrown) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw thrown;
    }
  }

  /** The folder goes first: a crash in between leaves rows that nobody lists, which the next start sweeps. */
  #drop(folder: number): void {
    const database = this.#database;
    database.prepare('DELETE FROM folders WHERE folder = ?').run(folder);
    const some = database.prepare(
      'DELETE FROM files WHERE folder = ? AND id IN (SELECT id FROM files WHERE folder = ? ORDER BY id LIMIT ?)',
    );
    while (Number(some.run(folder, folder, DROPPED_AT_ONCE).changes) > 0);
    this.#release();
  }

  sweep(): void {
    const { changes } = this.#database
      .prepare('DELETE FROM files WHERE folder NOT IN (SELECT folder FROM folders)')
      .run();
    if (Number(changes) > 0) this.#release();
  }

  #release(): void {
    this.#database.exec('PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)');
  }
}

serveStores<SharesSetup, SharesProtocol>(WHAT, (side, setup) => {
  const { database, movedTo } = open(setup);
  const server = new Server(database);
  server.sweep();
  side.open({ keyCheck: keyCheckOf(database) as Uint8Array, movedTo }, (request) => {
    side.run(request.id, () => server.run(request));
    side.flush();
  });
});
