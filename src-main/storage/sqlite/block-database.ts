/**
 * The block store's file and what is done in it, synchronously, on the store's own thread.
 *
 * entries   one small row a record: what eviction needs, and nothing that names the content
 * payloads  the sealed records, by number: apart, so that noting a use does not rewrite 32 KiB
 *
 * Pages of 16 KiB: with the record in a table of its own, 32 KiB pages waste 14 % of the disk (each record spills 77
 * bytes over one), 64 KiB pages 50 %; 8 and 16 KiB waste 4 to 6 % and are as fast (npm run bench -- store).
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import type { Place, PutOutcome } from '../../core/ports.ts';
import { askedBucket, bucketOf, BUCKETS, Ledger, nextVictim, placeOf, replaces, storeBucket } from '../quotas.ts';
import type { BlockStoreStats, Limits } from '../quotas.ts';
import { openDatabaseFile } from './database-file.ts';
import type { DatabaseSchema } from './database-file.ts';
import { DamagedFileError, isCorrupt } from './errors.ts';
import type { SealedEntry, WriteOperation } from './messages.ts';

const PAGE_BYTES = 16_384;
const SALT_BYTES = 32;
/** The log is written back to the file when it has grown to this; it bounds the disk and the time to open after a crash. */
const LOG_BYTES = 16 * 1024 * 1024;
/** Page cache of the writer: the upper levels of the trees for a million entries. */
const WRITER_CACHE_KIB = 16 * 1024;
/** Entries that one transaction of a shrinking quota evicts: some 20 ms of work, between which puts have their turn. */
const SHRINK_STEP_ENTRIES = 128;
/** Pages that one step of freeing moves, 8 MiB. */
const VACUUM_STEP_PAGES = 512;

/** With more damage than this (at least a thousand pages) the file is better moved aside. */
const MAX_LOST_PAYLOADS = 8_192;

export const BLOCK_SCHEMA: Omit<DatabaseSchema, 'create'> = {
  what: 'the block store',
  applicationId: 0x42_53_62_6c, // 'BSbl'
  version: 2,
  upgrade: upgradeBlocks,
  pageBytes: PAGE_BYTES,
  // Beyond the quota, and of use only to find out what happened.
  damagedFiles: 1,
  pragmas:
    `PRAGMA wal_autocheckpoint = ${LOG_BYTES / PAGE_BYTES}; PRAGMA journal_size_limit = ${LOG_BYTES}; ` +
    `PRAGMA cache_size = -${WRITER_CACHE_KIB}; PRAGMA cell_size_check = ON`,
  check: checkBlocks,
};

const TABLES = `
  CREATE TABLE entries (
    hash BLOB NOT NULL PRIMARY KEY,
    location INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    used INTEGER NOT NULL,
    size INTEGER NOT NULL,
    rank BLOB,
    nonce BLOB NOT NULL,
    payload INTEGER NOT NULL,
    address BLOB
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX entries_by_use ON entries (bucket, used);
  CREATE TABLE payloads (id INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
`;

/** Version 2 has the sealed addresses; what was put before has none, and is not looked after until somebody asks again. */
function upgradeBlocks(database: DatabaseSync): void {
  database.exec('ALTER TABLE entries ADD COLUMN address BLOB');
}

/** The tree of entries is walked whole (1 MB for 10,000 entries); payloads are checked by their tag when they are read. */
function checkBlocks(database: DatabaseSync): void {
  for (const part of ['sqlite_schema', 'entries']) {
    const verdict = database.prepare(`PRAGMA quick_check(${part})`).get()?.['quick_check'];
    if (verdict !== 'ok') throw new DamagedFileError(String(verdict));
  }
  database.prepare('SELECT id, sealed FROM payloads ORDER BY id DESC LIMIT 1').get();
  const salt = database.prepare("SELECT value FROM meta WHERE name = 'salt'").get()?.['value'];
  if (!(salt instanceof Uint8Array) || salt.length !== SALT_BYTES) throw new DamagedFileError('no salt');
  const odd = database.prepare(
    `SELECT count(*) AS count FROM entries WHERE bucket NOT BETWEEN 0 AND ${BUCKETS - 1} OR size < 1`,
  );
  if (odd.get()?.['count'] !== 0) throw new DamagedFileError('entries out of range');
}

/** A payload on a page that is damaged: only forgotten, so that the page costs the records on it, not the store. */
class LostPayload extends Error {
  readonly payload: number;
  constructor(payload: number) {
    super(`payload ${payload} cannot be deleted`);
    this.payload = payload;
  }
}

interface Row {
  readonly hash: Uint8Array;
  readonly bucket: number;
  readonly used: number;
  readonly size: number;
  readonly rank: Uint8Array | undefined;
  readonly nonce: Uint8Array;
  readonly payload: number;
  readonly address: Uint8Array | null;
}

export interface OpenOptions {
  readonly path: string;
  readonly limits: Limits;
  readonly freshSalt: Uint8Array;
  readonly maxPages: number;
}

export class BlockDatabase {
  readonly salt: Uint8Array;
  readonly movedTo: string | undefined;
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #lost = new Set<number>();
  #ledger: Ledger;
  #limits: Limits;
  #clock: number;
  #evicted = 0;
  #damaged = 0;

  constructor(options: OpenOptions) {
    const create = (database: DatabaseSync) => {
      database.exec(TABLES);
      database.prepare('INSERT INTO meta (name, value) VALUES (?, ?)').run('salt', options.freshSalt);
    };
    const opened = openDatabaseFile(options.path, { ...BLOCK_SCHEMA, create });
    this.#database = opened.database;
    this.movedTo = opened.movedTo;
    if (options.maxPages > 0) this.#database.exec(`PRAGMA max_page_count = ${options.maxPages}`);
    this.#statements = prepareStatements(this.#database);
    this.salt = this.#database.prepare("SELECT value FROM meta WHERE name = 'salt'").get()!['value'] as Uint8Array;
    this.#clock = this.#database.prepare('SELECT coalesce(max(used), 0) AS used FROM entries').get()!['used'] as number;
    this.#limits = options.limits;
    this.#ledger = this.#count();
  }

  #count(): Ledger {
    const ledger = new Ledger();
    const query = 'SELECT bucket, count(*) AS count, sum(size) AS bytes FROM entries GROUP BY bucket';
    for (const row of this.#database.prepare(query).all()) {
      ledger.add(row['bucket'] as number, row['bytes'] as number, row['count'] as number);
    }
    return ledger;
  }

  /**
   * One transaction: first the uses that were noted, then the operations in their order. Durable when it returns; when
   * it throws, nothing of it happened.
   */
  commit(touched: readonly Uint8Array[], operations: readonly WriteOperation[]): (PutOutcome | boolean)[] {
    return this.#transaction(() => {
      for (const hash of touched) this.#touch(hash);
      return operations.map((operation) => this.#apply(operation));
    });
  }

  /** Evicts at most one step of what is over the quota; true when there is more to do. */
  shrinkStep(): boolean {
    return this.#transaction(() => {
      for (let count = 0; count < SHRINK_STEP_ENTRIES; count += 1) {
        const next = nextVictim(this.#ledger, this.#limits, undefined);
        if (typeof next === 'string') return false;
        const victim = this.#oldest(next.buckets, new Map(), undefined);
        if (victim === undefined) throw new DamagedFileError('fewer entries than were counted');
        this.#delete(victim);
        this.#evicted += 1;
      }
      return true;
    });
  }

  setQuota(quotaBytes: number): void {
    this.#limits = { ...this.#limits, quotaBytes };
  }

  /** Gives at most one step of free pages back to the disk; true when there are more. */
  freeStep(): boolean {
    try {
      const before = this.#freePages();
      if (before > 0) this.#database.exec(`PRAGMA incremental_vacuum(${VACUUM_STEP_PAGES})`);
      const after = this.#freePages();
      if (after > 0 && after < before) return true;
    } catch (thrown) {
      // A list of free pages that is damaged costs disk, no record; the check at the next start moves the file aside.
      if (!isCorrupt(thrown)) throw thrown;
    }
    // A reader that is just at work makes this a no-op; the next time will do.
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return false;
  }

  stats(): BlockStoreStats {
    return this.#ledger.stats(this.#limits.quotaBytes, { evicted: this.#evicted, damaged: this.#damaged });
  }

  close(): void {
    this.#database.close();
  }

  #freePages(): number {
    return this.#database.prepare('PRAGMA freelist_count').get()!['freelist_count'] as number;
  }

  /** A transaction that meets a payload which cannot be deleted is done again without deleting that. */
  #transaction<Value>(work: () => Value): Value {
    for (;;) {
      try {
        return this.#tryTransaction(work);
      } catch (thrown) {
        if (!(thrown instanceof LostPayload)) throw thrown;
        this.#lost.add(thrown.payload);
      }
    }
  }

  #tryTransaction<Value>(work: () => Value): Value {
    const before = { ledger: new Ledger(this.#ledger), evicted: this.#evicted, damaged: this.#damaged };
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const value = work();
      this.#database.exec('COMMIT');
      return value;
    } catch (thrown) {
      this.#ledger = before.ledger;
      this.#evicted = before.evicted;
      this.#damaged = before.damaged;
      // SQLite has rolled back by itself after some errors, a full disk among them.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw thrown;
    }
  }

  #apply(operation: WriteOperation): PutOutcome | boolean {
    if (operation.type === 'put') return this.#put(operation.entry);
    const row = this.#find(operation.hash);
    if (row === undefined) return false;
    if (operation.type === 'drop-damaged') {
      if (operation.nonce !== undefined && !bytesEqual(row.nonce, operation.nonce)) return false;
      this.#damaged += 1;
    }
    this.#delete(row);
    return true;
  }

  #put(entry: SealedEntry): PutOutcome {
    const old = this.#find(entry.hash);
    if (old !== undefined && !replaces(entry.rank, old.rank)) {
      this.#move(old, entry.place === 'store' ? storeBucket(old.bucket) : old.bucket);
      if (old.address === null && entry.sealedAddress !== undefined)
        this.#statements.setAddress.run(entry.sealedAddress, old.hash);
      return 'present';
    }
    const asked = old !== undefined && askedBucket(old.bucket) === old.bucket;
    const place = old !== undefined && placeOf(old.bucket) === 'store' ? 'store' : entry.place;
    const bucket = bucketOf(entry.kind, place, asked);
    const victims = this.#plan(entry, old, bucket, place);
    if (victims === undefined) return 'full';
    for (const victim of victims) this.#delete(victim);
    this.#evicted += victims.length;
    if (old !== undefined) this.#delete(old);
    const { lastInsertRowid } = this.#statements.insertPayload.run(entry.sealed);
    this.#clock += 1;
    const { hash, location, sizeBytes, rank, nonce, sealedAddress } = entry;
    this.#statements.insertEntry.run(
      hash,
      location,
      bucket,
      this.#clock,
      sizeBytes,
      rank ?? null,
      nonce,
      lastInsertRowid,
      sealedAddress ?? old?.address ?? null,
    );
    this.#ledger.add(bucket, sizeBytes);
    return 'stored';
  }

  /** What must go for the entry, or undefined when there is no room to be made. */
  #plan(entry: SealedEntry, old: Row | undefined, bucket: number, place: Place): Row[] | undefined {
    const trial = new Ledger(this.#ledger);
    if (old !== undefined) trial.remove(old.bucket, old.size);
    trial.add(bucket, entry.sizeBytes, 0);
    const victims: Row[] = [];
    /** Bucket to the use of the last entry taken from it. */
    const taken = new Map<number, number>();
    for (;;) {
      const next = nextVictim(trial, this.#limits, place);
      if (next === 'fits') return victims;
      if (next === 'full') return undefined;
      const victim = this.#oldest(next.buckets, taken, old);
      if (victim === undefined) throw new DamagedFileError('fewer entries than were counted');
      trial.remove(victim.bucket, victim.size);
      taken.set(victim.bucket, victim.used);
      victims.push(victim);
    }
  }

  #oldest(buckets: readonly number[], taken: ReadonlyMap<number, number>, except: Row | undefined): Row | undefined {
    let oldest: Row | undefined;
    for (const bucket of buckets) {
      const row = toRow(this.#statements.oldest.get(bucket, taken.get(bucket) ?? -1, except?.used ?? -1));
      if (row !== undefined && (oldest === undefined || row.used < oldest.used)) oldest = row;
    }
    return oldest;
  }

  #find(hash: Uint8Array): Row | undefined {
    return toRow(this.#statements.find.get(hash));
  }

  #touch(hash: Uint8Array): void {
    const row = this.#find(hash);
    if (row !== undefined) this.#move(row, askedBucket(row.bucket));
  }

  #move(row: Row, bucket: number): void {
    this.#clock += 1;
    this.#statements.use.run(bucket, this.#clock, row.hash);
    this.#ledger.remove(row.bucket, row.size);
    this.#ledger.add(bucket, row.size);
  }

  #delete(row: Row): void {
    this.#deletePayload(row.payload);
    this.#statements.deleteEntry.run(row.hash);
    this.#ledger.remove(row.bucket, row.size);
  }

  #deletePayload(payload: number): void {
    if (this.#lost.has(payload)) return;
    try {
      this.#statements.deletePayload.run(payload);
    } catch (thrown) {
      throw isCorrupt(thrown) && this.#lost.size < MAX_LOST_PAYLOADS ? new LostPayload(payload) : thrown;
    }
  }
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(database: DatabaseSync) {
  const columns = 'hash, bucket, used, size, rank, nonce, payload, address';
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    find: prepare(`SELECT ${columns} FROM entries WHERE hash = ?`),
    // `used` is given out once, so that it names an entry.
    oldest: prepare(`SELECT ${columns} FROM entries WHERE bucket = ? AND used > ? AND used <> ? ORDER BY used LIMIT 1`),
    use: prepare('UPDATE entries SET bucket = ?, used = ? WHERE hash = ?'),
    insertEntry: prepare(
      'INSERT INTO entries (hash, location, bucket, used, size, rank, nonce, payload, address) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    setAddress: prepare('UPDATE entries SET address = ? WHERE hash = ?'),
    insertPayload: prepare('INSERT INTO payloads (sealed) VALUES (?)'),
    deleteEntry: prepare('DELETE FROM entries WHERE hash = ?'),
    deletePayload: prepare('DELETE FROM payloads WHERE id = ?'),
  };
}

function toRow(row: Record<string, unknown> | undefined): Row | undefined {
  if (row === undefined) return undefined;
  return { ...(row as unknown as Row), rank: row['rank'] instanceof Uint8Array ? row['rank'] : undefined };
}
