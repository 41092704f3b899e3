/**
 * A block store whose file and threads are there from the first record on that is put into it; one that has a file already is opened with
 * its first use. Most runs of a node never use some of its stores, and a short command none.
 */
import { existsSync } from 'node:fs';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { BlockStore, StoreEntry } from '../../core/ports.ts';
import { Ledger, SPREAD_PARTS } from '../quotas.ts';
import { MAX_PENDING_WRITES, openSqliteBlockStore } from './block-store.ts';
import type { SqliteBlockStore, SqliteBlockStoreOptions } from './block-store.ts';

export interface LazyBlockStore extends SqliteBlockStore {
  /** Opens it now if it has a file. Errors as openSqliteBlockStore; else they come with the first use. */
  openIfThere(): Promise<void>;
}

export function createLazyBlockStore(options: SqliteBlockStoreOptions): LazyBlockStore {
  return new LazilyOpened(options);
}

class LazilyOpened implements LazyBlockStore {
  readonly #options: SqliteBlockStoreOptions;
  #quotaBytes: number;
  #opening: Promise<SqliteBlockStore> | undefined;
  /** When it is open, calls are its own, in this very turn. */
  #opened: SqliteBlockStore | undefined;
  /** Puts that wait for it. */
  #waiting = 0;
  #closing: Promise<void> | undefined;

  constructor(options: SqliteBlockStoreOptions) {
    this.#options = options;
    this.#quotaBytes = options.quotaBytes;
  }

  async openIfThere(): Promise<void> {
    await this.#used();
  }

  get: BlockStore['get'] = async (address) => (this.#opened ?? (await this.#used()))?.get(address);
  peek: BlockStore['peek'] = async (address) => (this.#opened ?? (await this.#used()))?.peek(address);
  has: BlockStore['has'] = async (address) => (this.#opened ?? (await this.#used()))?.has(address) ?? false;
  remove: BlockStore['remove'] = async (address) => (this.#opened ?? (await this.#used()))?.remove(address);
  kept: BlockStore['kept'] = async (limit, after) =>
    (this.#opened ?? (await this.#used()))?.kept(limit, after) ?? { addresses: [], next: undefined };
  spread: BlockStore['spread'] = async () =>
    (this.#opened ?? (await this.#used()))?.spread() ?? Array.from({ length: SPREAD_PARTS }, () => 0);
  stats: SqliteBlockStore['stats'] = async () =>
    (this.#opened ?? (await this.#used()))?.stats() ?? new Ledger().stats(this.#quotaBytes, { evicted: 0, damaged: 0 });

  put: BlockStore['put'] = async (entry) => {
    if (this.#opened !== undefined) return this.#opened.put(entry);
    if (this.#waiting >= MAX_PENDING_WRITES)
      throw new BroadsideError('busy', 'the block store is being opened; try again in a moment');
    // Whoever puts may go on with its bytes.
    const own: StoreEntry = { ...entry, address: entry.address.slice(), record: entry.record.slice() };
    this.#waiting += 1;
    try {
      return await (await this.#open()).put(own);
    } finally {
      this.#waiting -= 1;
    }
  };

  async setQuota(quotaBytes: number): Promise<void> {
    this.#quotaBytes = quotaBytes;
    await (await this.#used())?.setQuota(quotaBytes);
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      // What could not be opened need not be closed.
      const store = await this.#opening?.catch(() => undefined);
      await store?.close();
    })();
    return this.#closing;
  }

  /** Undefined while nothing was ever put into it: then there is nothing in it. */
  async #used(): Promise<SqliteBlockStore | undefined> {
    this.#assertOpen();
    return this.#opening !== undefined || existsSync(this.#options.path) ? this.#open() : undefined;
  }

  /** One that failed is tried again by the next who asks. */
  #open(): Promise<SqliteBlockStore> {
    if (this.#closing !== undefined) return Promise.reject(closed());
    this.#opening ??= openSqliteBlockStore({ ...this.#options, quotaBytes: this.#quotaBytes }).then(
      (store) => (this.#opened = store),
      (thrown: unknown) => {
        this.#opening = undefined;
        throw thrown;
      },
    );
    return this.#opening;
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw closed();
  }
}

function closed(): BroadsideError {
  return new BroadsideError('unexpected', 'the block store is closed');
}
