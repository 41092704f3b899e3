/**
 * The search index of a node that may never be a hub: the file and its threads are there from the first on that is put into it. When a
 * node was a hub once and all that is left has grown old, the file goes.
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { MAX_INDEXED_SOURCES } from '../../core/limits.ts';
import type { ListState, SearchIndex } from '../../core/search/index-port.ts';
import { tableOf } from '../../core/search/word-table.ts';
import { openSqliteSearchIndex } from './search-index.ts';
import type { SqliteSearchIndexOptions } from './search-index.ts';

export function createLazySearchIndex(options: SqliteSearchIndexOptions): SearchIndex {
  return new LazySearchIndex(options);
}

type Where = Parameters<SearchIndex['present']>[1];

class LazySearchIndex implements SearchIndex {
  readonly #options: SqliteSearchIndexOptions;
  /** Who is linked, for when it is opened; at most as many as a node has links. */
  readonly #present = new Map<string, { readonly source: Uint8Array; readonly where: Where }>();
  /** Lists with nothing in them need no file: what a node that shares nothing tells itself, first of all. */
  readonly #emptyLists = new Map<string, { readonly source: Uint8Array; readonly state: ListState }>();
  #opening: Promise<SearchIndex> | undefined;
  #opened: SearchIndex | undefined;
  /** Ends when no file is being removed. */
  #removing: Promise<void> = Promise.resolve();
  /** Of the index, but to look for what is old. */
  #uses = 0;
  #closed = false;

  constructor(options: SqliteSearchIndexOptions) {
    this.#options = options;
  }

  listState: SearchIndex['listState'] = async (source) =>
    this.#isEmpty() ? this.#emptyLists.get(toHex(source))?.state : (await this.#use()).listState(source);

  change: SearchIndex['change'] = async (source, change) => {
    const { generation, sequence, added } = change;
    if (this.#isEmpty() && added.length === 0 && this.#emptyLists.size < MAX_INDEXED_SOURCES) {
      this.#emptyLists.set(toHex(source), { source: source.slice(), state: { generation, sequence, files: 0 } });
      return 'done';
    }
    return (await this.#use()).change(source, change);
  };

  dropSource: SearchIndex['dropSource'] = async (source) => {
    this.#emptyLists.delete(toHex(source));
    await (await this.#used())?.dropSource(source);
  };

  putListing: SearchIndex['putListing'] = async (listing) => (await this.#use()).putListing(listing);
  dropListing: SearchIndex['dropListing'] = async (documentKey, madeMinutes) =>
    (await this.#use()).dropListing(documentKey, madeMinutes);
  listings: SearchIndex['listings'] = async (after, limit) => (await this.#used())?.listings(after, limit) ?? [];
  query: SearchIndex['query'] = async (query, bounds) =>
    (await this.#used())?.query(query, bounds) ?? { hits: [], more: false };
  wordTable: SearchIndex['wordTable'] = async () => (await this.#used())?.wordTable() ?? tableOf(new Set());
  stats: SearchIndex['stats'] = async () =>
    (await this.#used())?.stats() ?? { files: 0, sources: 0, listings: 0, usedBytes: 0 };

  present(source: Uint8Array, where: Where): void {
    if (where === undefined) this.#present.delete(toHex(source));
    else this.#present.set(toHex(source), { source: source.slice(), where });
    this.#opened?.present(source, where);
  }

  async dropOld(sinceMs: number): Promise<number> {
    if (!this.#isThere()) return 0;
    const index = await this.#open();
    const files = await index.dropOld(sinceMs);
    const { sources, listings } = await index.stats();
    if (this.#uses === 0 && sources === 0 && listings === 0) await this.#remove(index);
    return files;
  }

  async close(): Promise<void> {
    this.#closed = true;
    // What could not be opened need not be closed.
    const index = await this.#opening?.catch(() => undefined);
    await index?.close();
    await this.#removing;
  }

  #isThere(): boolean {
    return this.#opening !== undefined || existsSync(this.#options.path);
  }

  /** Undefined while nothing was ever put into it: then there is nothing to look into, either. */
  #used(): Promise<SearchIndex> | undefined {
    return this.#isEmpty() ? undefined : this.#use();
  }

  #isEmpty(): boolean {
    return !this.#closed && !this.#isThere();
  }

  #use(): Promise<SearchIndex> {
    this.#uses += 1;
    return this.#open();
  }

  /** One that failed is tried again by the next who asks. */
  #open(): Promise<SearchIndex> {
    if (this.#closed) return Promise.reject(new BroadsideError('unexpected', 'the search index is closed'));
    this.#opening ??= this.#removing
      .then(() => openSqliteSearchIndex(this.#options))
      .then(
        async (index) => {
          this.#opened = index;
          for (const { source, where } of this.#present.values()) index.present(source, where);
          const lists = [...this.#emptyLists.values()];
          this.#emptyLists.clear();
          await Promise.allSettled(
            lists.map(({ source, state }) => index.change(source, { ...state, added: [], removed: [] })),
          );
          return index;
        },
        (thrown: unknown) => {
          this.#opening = undefined;
          throw thrown;
        },
      );
    return this.#opening;
  }

  /** Who asks meanwhile waits, and opens a new one. */
  #remove(index: SearchIndex): Promise<void> {
    this.#opened = undefined;
    this.#opening = undefined;
    this.#removing = index.close().then(async () => {
      for (const suffix of ['', '-wal', '-shm']) await rm(this.#options.path + suffix, { force: true });
    });
    return this.#removing;
  }
}
