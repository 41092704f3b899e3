/**
 * The two threads of a block store. The writer owns the file and gathers what arrives while it commits into its next
 * commit; the reader has a connection of its own, so that nobody who reads waits for a disk that syncs.
 */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { placeOf, SPREAD_PARTS } from '../quotas.ts';
import type { StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort, Transferable } from 'node:worker_threads';
import { toHex } from '../../../shared/base/bytes.ts';
import { BlockDatabase, BLOCK_SCHEMA } from './block-database.ts';
import { moveAside } from './database-file.ts';
import { isCorrupt, isFull, toStorageError } from './errors.ts';
import type { Answer, GetAnswer, Report, Request, SealedAddress, WorkerSetup, WriteOperation } from './messages.ts';

/** Operations in one commit: 8 MiB of records, so that the first to arrive does not wait for the last. */
const MAX_COMMIT_OPERATIONS = 256;
/** Uses that are noted before they are written by a commit of their own; a row is rewritten for each. */
const MAX_NOTED_USES = 4_096;
/** When nothing was written for so long, free pages go back to the disk and the log is emptied. */
const MAINTENANCE_AFTER_MS = 1_000;
/** Page cache of the reader; its pages of records are read once, past the cache. */
const READER_CACHE_KIB = 8 * 1024;
const READER_BUSY_TIMEOUT_MS = 2_000;
/** Reads that are answered by one message, so that the main thread opens some while the next are read. */
const ANSWERS_AT_ONCE = 8;

type Waiting = WriteOperation & { readonly id: number };

class Writer {
  readonly #port: MessagePort;
  readonly #setup: WorkerSetup;
  #database: BlockDatabase;
  /** Bounded by the store, which has at most so many requests under way (block-store.ts). */
  #waiting: Waiting[] = [];
  /** Hash in hexadecimal to hash; a Map, for the order is that of use. At most MAX_NOTED_USES and one message more. */
  #touched = new Map<string, Uint8Array>();
  #answers: Answer[] = [];
  #scheduled = false;
  #shrinking: { readonly id: number | undefined } | undefined;
  #maintenance: NodeJS.Timeout | undefined;
  #limits: WorkerSetup['limits'];

  constructor(port: MessagePort, setup: WorkerSetup) {
    this.#port = port;
    this.#setup = setup;
    this.#limits = setup.limits;
    this.#database = new BlockDatabase(setup);
    port.on('message', (requests: Request[]) => {
      for (const request of requests) this.#receive(request);
    });
    report(port, { type: 'opened', salt: this.#database.salt, movedTo: this.#database.movedTo });
  }

  #receive(request: Request): void {
    switch (request.type) {
      case 'put':
      case 'remove':
      case 'drop-damaged':
        this.#waiting.push(request);
        this.#schedule();
        return;
      case 'touch':
        for (const hash of request.hashes) {
          const key = toHex(hash);
          this.#touched.delete(key);
          this.#touched.set(key, hash);
        }
        if (this.#touched.size >= MAX_NOTED_USES) this.#schedule();
        return;
      case 'begin':
        // The quota may have been larger when the store was last open.
        this.#shrink(undefined);
        return;
      case 'set-quota':
        this.#commitAll();
        this.#limits = { ...this.#limits, quotaBytes: request.quotaBytes };
        this.#database.setQuota(request.quotaBytes);
        this.#shrink(request.id);
        return;
      case 'stats':
        this.#answers.push({ id: request.id, value: this.#database.stats() });
        this.#flush();
        return;
      case 'close':
        this.#close(request.id);
        return;
      default:
        throw new Error(`not for the writer: ${request.type}`);
    }
  }

  /** After the messages that are here already have been received, which is what makes commits shared. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#commitSome();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #commitAll(): void {
    do this.#commitSome();
    while (this.#waiting.length > 0);
  }

  #commitSome(): void {
    const operations = this.#refuseOnLowDisk(this.#waiting.splice(0, MAX_COMMIT_OPERATIONS));
    const touched = [...this.#touched.values()];
    if (operations.length === 0 && touched.length === 0) return this.#flush();
    this.#touched.clear();
    try {
      const values = this.#database.commit(touched, operations);
      operations.forEach(({ id }, index) => this.#answers.push({ id, value: values[index]! }));
    } catch (thrown) {
      this.#answerFailed(operations, thrown);
    }
    this.#flush();
    this.#maintainLater();
  }

  /** Answers full to what would be put on a disk that is nearly full; returns the rest. */
  #refuseOnLowDisk(operations: Waiting[]): Waiting[] {
    if (!operations.some(({ type }) => type === 'put')) return operations;
    const { bavail, bsize } = statfsSync(dirname(this.#setup.path));
    if (bavail * bsize >= this.#setup.reserveBytes) return operations;
    for (const { type, id } of operations) if (type === 'put') this.#answers.push({ id, value: 'full' });
    return operations.filter(({ type }) => type !== 'put');
  }

  #answerFailed(operations: readonly Waiting[], thrown: unknown): void {
    if (isCorrupt(thrown)) this.#replace();
    const error = describe(thrown);
    for (const { id, type } of operations) {
      this.#answers.push(type === 'put' && isFull(thrown) ? { id, value: 'full' } : { id, error });
    }
  }

  /**
   * A file that breaks at work is moved aside, for it would fail every write from now on; what is put next goes into a
   * fresh one under the same salt, since entries under way carry hashes made with it.
   */
  #replace(): void {
    const { salt } = this.#database;
    try {
      this.#database.close();
      const movedTo = moveAside(this.#setup.path, BLOCK_SCHEMA.damagedFiles);
      this.#database = new BlockDatabase({ ...this.#setup, limits: this.#limits, freshSalt: salt });
      report(this.#port, { type: 'replaced', movedTo });
    } catch (thrown) {
      report(this.#port, { type: 'failed', error: describe(thrown) });
    }
  }

  /** In steps, between which other requests have their turn. `id` is answered when the disk is free. */
  #shrink(id: number | undefined): void {
    if (this.#shrinking?.id !== undefined) this.#answers.push({ id: this.#shrinking.id, value: true });
    const running = this.#shrinking !== undefined;
    this.#shrinking = { id };
    if (!running) setImmediate(() => this.#shrinkOn());
  }

  #shrinkOn(): void {
    if (this.#shrinking === undefined) return;
    try {
      if (this.#database.shrinkStep() || this.#database.freeStep()) {
        setImmediate(() => this.#shrinkOn());
        return;
      }
      if (this.#shrinking.id !== undefined) this.#answers.push({ id: this.#shrinking.id, value: true });
    } catch (thrown) {
      if (isCorrupt(thrown)) this.#replace();
      if (this.#shrinking.id !== undefined) this.#answers.push({ id: this.#shrinking.id, error: describe(thrown) });
    }
    this.#shrinking = undefined;
    this.#flush();
  }

  #maintainLater(): void {
    clearTimeout(this.#maintenance);
    this.#maintenance = setTimeout(() => this.#maintain(), MAINTENANCE_AFTER_MS);
  }

  #maintain(): void {
    this.#maintenance = undefined;
    try {
      if (this.#database.freeStep()) this.#maintenance = setTimeout(() => this.#maintain(), 0);
    } catch (thrown) {
      // Nobody waits for it; a disk without room for the log, say, a put will tell of. But a log that can never be written
      // back would grow for ever.
      if (isCorrupt(thrown)) this.#replace();
    }
  }

  #close(id: number): void {
    this.#commitAll();
    clearTimeout(this.#maintenance);
    if (this.#shrinking?.id !== undefined) this.#answers.push({ id: this.#shrinking.id, value: true });
    this.#shrinking = undefined;
    this.#database.close();
    this.#answers.push({ id, value: true });
    this.#flush();
    this.#port.close();
  }

  #flush(): void {
    if (this.#answers.length === 0) return;
    report(this.#port, { type: 'answers', answers: this.#answers });
    this.#answers = [];
  }
}

class Reader {
  readonly #port: MessagePort;
  readonly #path: string;
  #database: DatabaseSync;
  #record: StatementSync;
  #entry: StatementSync;
  #answers: Answer[] = [];
  #transfers: Transferable[] = [];

  constructor(port: MessagePort, path: string) {
    this.#port = port;
    this.#path = path;
    [this.#database, this.#record, this.#entry] = this.#open();
    port.on('message', (requests: Request[]) => {
      for (const request of requests) this.#receive(request);
      this.#flush();
    });
    report(port, { type: 'opened', salt: new Uint8Array(0), movedTo: undefined });
  }

  #open(): [DatabaseSync, StatementSync, StatementSync] {
    const database = new DatabaseSync(this.#path, { readOnly: true, timeout: READER_BUSY_TIMEOUT_MS });
    database.exec(`PRAGMA cache_size = -${READER_CACHE_KIB}; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON`);
    return [
      database,
      database.prepare('SELECT nonce, sealed, bucket FROM entries LEFT JOIN payloads ON id = payload WHERE hash = ?'),
      database.prepare('SELECT nonce FROM entries WHERE hash = ?'),
    ];
  }

  #receive(request: Request): void {
    switch (request.type) {
      case 'get':
        return this.#answer(request.id, () => this.#get(request.hash, request.keptOnly));
      case 'has':
        return this.#answer(request.id, () => this.#entry.get(request.hash) !== undefined);
      case 'spread':
        return this.#answer(request.id, () => this.#spread());
      case 'kept':
        return this.#answer(request.id, () => this.#kept(request.after, request.limit));
      case 'reopen':
        return this.#answer(request.id, () => {
          this.#database.close();
          [this.#database, this.#record, this.#entry] = this.#open();
          return true;
        });
      case 'close':
        this.#database.close();
        this.#answer(request.id, () => true);
        this.#flush();
        this.#port.close();
        return;
      default:
        throw new Error(`not for the reader: ${request.type}`);
    }
  }

  /** A scan of the small rows: some 50 ms for 300,000 of them, between reads. */
  #spread(): number[] {
    const counts = Array.from({ length: SPREAD_PARTS }, () => 0);
    const rows = this.#database
      .prepare('SELECT location >> 8 AS part, count(*) AS records FROM entries WHERE bucket & 2 GROUP BY part')
      .all();
    for (const { part, records } of rows) counts[Number(part) & 0xff] = Number(records);
    return counts;
  }

  #kept(after: Uint8Array, limit: number): SealedAddress[] {
    const rows = this.#database
      .prepare('SELECT hash, address FROM entries WHERE hash > ? AND address IS NOT NULL ORDER BY hash LIMIT ?')
      .all(after, limit);
    return rows as unknown as SealedAddress[];
  }

  #get(hash: Uint8Array, keptOnly: boolean): GetAnswer {
    try {
      const row = this.#record.get(hash);
      if (row === undefined) return undefined;
      const { nonce, sealed, bucket } = row;
      if (keptOnly && placeOf(Number(bucket)) !== 'store') return undefined;
      if (!(nonce instanceof Uint8Array) || !(sealed instanceof Uint8Array)) return 'unreadable';
      this.#transfers.push(sealed.buffer as ArrayBuffer);
      return { nonce, sealed };
    } catch (thrown) {
      if (isCorrupt(thrown)) return 'unreadable';
      throw thrown;
    }
  }

  #answer(id: number, work: () => GetAnswer | boolean | number[] | SealedAddress[]): void {
    try {
      this.#answers.push({ id, value: work() });
    } catch (thrown) {
      this.#answers.push({ id, error: describe(thrown) });
    }
    if (this.#answers.length >= ANSWERS_AT_ONCE) this.#flush();
  }

  #flush(): void {
    if (this.#answers.length === 0) return;
    report(this.#port, { type: 'answers', answers: this.#answers }, this.#transfers);
    this.#answers = [];
    this.#transfers = [];
  }
}

function report(port: MessagePort, message: Report, transfers: Transferable[] = []): void {
  port.postMessage(message, transfers);
}

function describe(thrown: unknown) {
  const { code, message } = toStorageError(thrown, BLOCK_SCHEMA.what);
  return { code, message };
}

function main(port: MessagePort, setup: WorkerSetup): void {
  try {
    if (setup.role === 'writer') new Writer(port, setup);
    else new Reader(port, setup.path);
  } catch (thrown) {
    report(port, { type: 'failed', error: describe(thrown) });
    port.close();
  }
}

if (parentPort === null) throw new Error('this file runs in a worker thread');
main(parentPort, workerData as WorkerSetup);
