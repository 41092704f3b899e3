/** The reader of a block store: a connection of its own, so that nobody who reads waits for a disk that syncs. */
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { placeOf, SPREAD_PARTS } from '../quotas.ts';
import { isCorrupt } from './errors.ts';
import type { BlockProtocol, Request, SealedAddress, SealedRecord } from './messages.ts';
import type { ThreadSide } from './thread-side.ts';

/** Page cache; pages of records are read once, past the cache. */
const CACHE_KIB = 8 * 1024;
const BUSY_TIMEOUT_MS = 2_000;
/** Reads that are answered by one message, so that the main thread opens some while the next are read. */
const ANSWERS_AT_ONCE = 8;

export class BlockReader {
  readonly #side: ThreadSide<BlockProtocol>;
  readonly #path: string;
  #database: DatabaseSync;
  #record: StatementSync;
  #entry: StatementSync;

  constructor(side: ThreadSide<BlockProtocol>, path: string) {
    this.#side = side;
    this.#path = path;
    [this.#database, this.#record, this.#entry] = this.#open();
    side.open(
      { salt: new Uint8Array(0), movedTo: undefined },
      (request) => {
        this.#receive(request);
        if (side.waiting >= ANSWERS_AT_ONCE) side.flush();
      },
      () => side.flush(),
    );
  }

  #open(): [DatabaseSync, StatementSync, StatementSync] {
    const database = new DatabaseSync(this.#path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    database.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON`);
    return [
      database,
      database.prepare('SELECT nonce, sealed, bucket FROM entries LEFT JOIN payloads ON id = payload WHERE hash = ?'),
      database.prepare('SELECT nonce FROM entries WHERE hash = ?'),
    ];
  }

  #receive(request: Request): void {
    switch (request.type) {
      case 'get':
        return this.#get(request);
      case 'has':
        return this.#side.run(request.id, () => this.#entry.get(request.hash) !== undefined);
      case 'spread':
        return this.#side.run(request.id, () => this.#spread());
      case 'kept':
        return this.#side.run(request.id, () => this.#kept(request.after, request.limit));
      case 'reopen':
        return this.#side.run(request.id, () => {
          this.#database.close();
          [this.#database, this.#record, this.#entry] = this.#open();
          return true;
        });
      case 'close':
        this.#database.close();
        return this.#side.answer(request.id, true);
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

  #get({ id, hash, keptOnly }: Extract<Request, { type: 'get' }>): void {
    try {
      const found = this.#find(hash, keptOnly);
      this.#side.answer(id, found, typeof found === 'object' ? [found.sealed.buffer as ArrayBuffer] : []);
    } catch (thrown) {
      if (isCorrupt(thrown)) this.#side.answer(id, 'unreadable');
      else this.#side.refuse(id, thrown);
    }
  }

  #find(hash: Uint8Array, keptOnly: boolean): SealedRecord | 'unreadable' | undefined {
    const row = this.#record.get(hash);
    if (row === undefined) return undefined;
    const { nonce, sealed, bucket } = row;
    if (keptOnly && placeOf(Number(bucket)) !== 'store') return undefined;
    const isWhole = nonce instanceof Uint8Array && sealed instanceof Uint8Array;
    return isWhole ? { nonce, sealed } : 'unreadable';
  }
}
