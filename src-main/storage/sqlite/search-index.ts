/**
 * A hub's index in an SQLite file: words by FTS5, on threads of its own (search-worker.ts). In clear, unlike the block store: what is
 * in it was sent to this node to be found, by anybody who asks. What is known of each list (ListState), and who is linked, is kept here.
 */
import { toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import {
  MAX_INDEXED_FILES,
  MAX_INDEXED_SOURCES,
  MAX_LISTING_REMOVALS,
  MAX_LISTINGS,
  MAX_SHARED_FILES,
} from '../../core/limits.ts';
import type { Random } from '../../core/ports.ts';
import type { Hit } from '../../core/search/entry.ts';
import type {
  IndexStats,
  ListedPublication,
  ListingOutcome,
  ListState,
  SearchIndex,
} from '../../core/search/index-port.ts';
import type { Query } from '../../core/search/query.ts';
import { WORD_COUNTER_BYTES } from '../../core/search/word-table.ts';
import { ADDRESS_BYTES } from '../../core/wire/record.ts';
import { placeOf } from '../search-choice.ts';
import type { Bounds, IndexLimits } from '../search-choice.ts';
import { DISK_RESERVE_BYTES } from './block-store.ts';
import { ownBytes } from './own-bytes.ts';
import { SALT_BYTES } from './search-schema.ts';
import type {
  Change,
  Changed,
  DroppedOld,
  Found,
  PresentSource,
  SearchProtocol,
  SearchSetup,
  SearchWrite,
  SourceState,
} from './search-messages.ts';
import { StoreThread } from './store-thread.ts';
import { WorkerThread } from './worker-thread.ts';

/** Changes not yet durable: each is a message of 32 KiB at most. More are refused as busy; callers keep fewer under way. */
export const MAX_PENDING_CHANGES = 4_096;
/** Queries not yet answered: a second of the readers' work. More are refused as busy. */
export const MAX_PENDING_QUERIES = 1_024;
/** Each has a thread, and a cache of pages of its own: the first comes with the first query, the next when all there are have something to do. */
const MAX_READERS = 2;

export const INDEX_LIMITS: IndexLimits = {
  filesOfSource: MAX_SHARED_FILES,
  files: MAX_INDEXED_FILES,
  sources: MAX_INDEXED_SOURCES,
  listings: MAX_LISTINGS,
  removals: MAX_LISTING_REMOVALS,
};

export interface SqliteSearchIndexOptions {
  readonly path: string;
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  /** Told where a damaged file was moved, when opening or later; an empty index has taken its place. */
  readonly onDamaged?: (movedTo: string) => void;
  /** INDEX_LIMITS when undefined; for tests. */
  readonly limits?: IndexLimits;
  /** Most pages (4 KiB) that the file may have, as on a disk that is full; for tests. */
  readonly maxPages?: number;
  /** DISK_RESERVE_BYTES when undefined. */
  readonly reserveBytes?: number;
}

type Where = Exclude<Parameters<SearchIndex['present']>[1], undefined>;

interface Source {
  readonly key: Uint8Array;
  readonly state: SourceState;
}

/** Opens or creates the index; its folder too. Errors: 'not-in-version', 'data-in-use', 'no-space', 'unexpected'. */
export async function openSqliteSearchIndex(options: SqliteSearchIndexOptions): Promise<SearchIndex> {
  const setup: Omit<SearchSetup, 'role'> = {
    path: options.path,
    limits: options.limits ?? INDEX_LIMITS,
    freshSalt: ownBytes(options.random.bytes(SALT_BYTES)),
    wordCounters: new SharedArrayBuffer(WORD_COUNTER_BYTES),
    maxPages: options.maxPages ?? 0,
    reserveBytes: options.reserveBytes ?? DISK_RESERVE_BYTES,
    nowMs: options.wallMs(),
  };
  const start = (role: SearchSetup['role'], onReplaced: (movedTo: string) => void) =>
    StoreThread.start<SearchProtocol>({
      thread: new WorkerThread(new URL('./search-worker.ts', import.meta.url), `search ${role}`),
      setup: { ...setup, role },
      what: 'the search index',
      onReplaced: ({ movedTo }) => onReplaced(movedTo),
    });
  const writer = await start('writer', (movedTo) => {
    // Nothing is replaced before the first request.
    index.forget();
    options.onDamaged?.(movedTo);
  });
  const startReader = async () => (await start('reader', () => undefined)).thread;
  const index = new ThreadedSearchIndex(writer.thread, startReader, options.wallMs, writer.opened.sources);
  writer.thread.tell({ type: 'begin' });
  const { movedTo } = writer.opened;
  if (movedTo !== undefined) options.onDamaged?.(movedTo);
  return index;
}

type Thread = StoreThread<SearchProtocol>;

class ThreadedSearchIndex implements SearchIndex {
  readonly #writer: Thread;
  readonly #startReader: () => Promise<Thread>;
  readonly #readers: Thread[] = [];
  #startingReader: Promise<Thread> | undefined;
  readonly #wallMs: () => number;
  /** By key in hexadecimal; at most as many as the limit of sources. */
  readonly #sources = new Map<string, Source>();
  readonly #keys = new Map<number, string>();
  readonly #present = new Map<string, Where>();
  /** Sources whose list was lost with a damaged file, until it is begun anew: a change of it would be all that is here. */
  #lost = new Set<string>();
  /** Files that were found damaged; an answer from one that was replaced since says nothing. */
  #replaced = 0;
  /** Queries that wait for the first reader. */
  #waitingQueries = 0;
  #closing: Promise<void> | undefined;

  constructor(
    writer: Thread,
    startReader: () => Promise<Thread>,
    wallMs: () => number,
    sources: readonly (SourceState & { readonly key: Uint8Array })[],
  ) {
    this.#writer = writer;
    this.#startReader = startReader;
    this.#wallMs = wallMs;
    for (const { key, ...state } of sources) this.#setState(toHex(key), { key, state });
  }

  async listState(source: Uint8Array): Promise<ListState | undefined> {
    this.#assertOpen();
    const known = this.#sources.get(toHex(source));
    if (known === undefined) return undefined;
    const { generation, sequence, files } = known.state;
    return { generation, sequence, files };
  }

  async change(source: Uint8Array, change: Change): Promise<'done' | 'full'> {
    const key = toHex(source);
    // Full: so the leaf goes to another hub, and comes back with its whole list.
    if (this.#lost.has(key)) return 'full';
    const own = { ...change, added: change.added.map(ownEntry), removed: change.removed.map(ownBytes) };
    const changed = await this.#write({
      type: 'change',
      source: ownBytes(source),
      change: own,
      nowMs: Math.floor(this.#wallMs()),
    });
    if (changed.state !== undefined) this.#setState(key, { key: new Uint8Array(source), state: changed.state });
    return changed.outcome === 'full' ? 'full' : 'done';
  }

  present(source: Uint8Array, where: Where | undefined): void {
    const key = toHex(source);
    const before = this.#present.get(key);
    if (where === undefined) this.#present.delete(key);
    else this.#present.set(key, where);
    const known = this.#sources.get(key);
    if (known === undefined) return;
    const [placeBefore, place] = [before, where].map((each) => each && placeOf(key, each.host));
    if (placeBefore !== place) this.#tell(key, known.state.number);
  }

  async dropSource(source: Uint8Array): Promise<void> {
    const key = toHex(source);
    // At once: a change that is asked for next begins the list anew.
    this.#lost.delete(key);
    await this.#write({ type: 'drop-source', source: ownBytes(source) });
    this.#forgetSource(key);
  }

  async dropOld(sinceMs: number): Promise<number> {
    this.#admitChange();
    const present = [...this.#present.keys()].flatMap((key) => this.#sources.get(key)?.state.number ?? []);
    const nowMs = Math.floor(this.#wallMs());
    const request = { type: 'drop-old', sinceMs: Math.floor(sinceMs), nowMs, present } as const;
    const { files, sources } = (await this.#writer.ask(request)) as DroppedOld;
    for (const key of sources) this.#forgetSource(toHex(key));
    return files;
  }

  async putListing(listing: ListedPublication): Promise<ListingOutcome> {
    const { documentKey, link } = listing.entry;
    const entry = { ...listing.entry, documentKey: ownBytes(documentKey), link: ownBytes(link) };
    const own = { ...listing, entry, record: ownBytes(listing.record) };
    return (await this.#write({ type: 'put-listing', listing: own })).outcome;
  }

  async dropListing(documentKey: Uint8Array, madeMinutes: number): Promise<void> {
    await this.#write({ type: 'drop-listing', documentKey: ownBytes(documentKey), madeMinutes });
  }

  async listings(after: Uint8Array | undefined, limit: number): Promise<readonly ListedPublication[]> {
    this.#admitQuery();
    const from = after === undefined ? undefined : ownBytes(after);
    const reader = this.#freeReader() ?? (await this.#firstReader());
    const replaced = this.#replaced;
    const answer = await reader.ask({ type: 'listings', after: from, limit, nowMinutes: this.#nowMinutes() });
    if (answer === 'damaged') throw this.#replace(replaced);
    return answer as readonly ListedPublication[];
  }

  async query(query: Query, bounds: Bounds): Promise<{ hits: readonly Hit[]; more: boolean }> {
    this.#admitQuery();
    const reader = this.#freeReader() ?? (await this.#firstReader());
    const replaced = this.#replaced;
    const answer = await reader.ask({ type: 'query', query, bounds, nowMinutes: this.#nowMinutes() });
    if (answer === 'damaged') throw this.#replace(replaced);
    return this.#toHits(answer as Found);
  }

  async wordTable(): Promise<Uint8Array> {
    this.#assertOpen();
    return (await this.#writer.ask({ type: 'table' })) as Uint8Array;
  }

  async stats(): Promise<IndexStats> {
    this.#assertOpen();
    return (await this.#writer.ask({ type: 'stats' })) as IndexStats;
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#startingReader?.catch(() => undefined);
      await Promise.all(this.#readers.map((reader) => reader.close({ type: 'close' })));
      await this.#writer.close({ type: 'close' });
    })();
    return this.#closing;
  }

  /** The writer has begun an empty file. */
  forget(): void {
    this.#replaced += 1;
    this.#lost = new Set(this.#sources.keys());
    this.#sources.clear();
    this.#keys.clear();
    for (const reader of this.#readers) reader.ask({ type: 'reopen' }).catch(() => undefined);
  }

  #replace(replaced: number): BroadsideError {
    this.#writer.ask({ type: 'replace', replaced }).catch(() => undefined);
    return new BroadsideError('damaged', 'the search index is damaged; it is made anew as leaves send their lists');
  }

  #write(write: SearchWrite): Promise<Changed> {
    this.#admitChange();
    return this.#writer.ask(write) as Promise<Changed>;
  }

  #setState(key: string, source: Source): void {
    const before = this.#sources.get(key);
    this.#sources.set(key, source);
    if (before?.state.number === source.state.number) return;
    this.#keys.set(source.state.number, key);
    if (this.#present.has(key)) this.#tell(key, source.state.number);
  }

  #forgetSource(key: string): void {
    const known = this.#sources.get(key);
    if (known === undefined) return;
    this.#sources.delete(key);
    this.#keys.delete(known.state.number);
    this.#tellReaders({ number: known.state.number, key, place: undefined });
  }

  #tell(key: string, number: number): void {
    this.#tellReaders(this.#whereOf(key, number));
  }

  #whereOf(key: string, number: number): PresentSource {
    const where = this.#present.get(key);
    return { number, key, place: where === undefined ? undefined : placeOf(key, where.host) };
  }

  #tellReaders(source: PresentSource): void {
    for (const reader of this.#readers) reader.tell({ type: 'present', sources: [source] });
  }

  /** The one with the least to do; who finds all at work has another one started. Undefined: there is none yet. */
  #freeReader(): Thread | undefined {
    const free = this.#leastBusy();
    if (this.#readers.length < MAX_READERS && (free === undefined || free.pending > 0)) {
      this.#startingReader ??= this.#addReader();
      // Of the second, nobody need know that it did not start.
      this.#startingReader.catch(() => undefined);
    }
    return free;
  }

  async #firstReader(): Promise<Thread> {
    this.#waitingQueries += 1;
    try {
      await this.#startingReader;
    } finally {
      this.#waitingQueries -= 1;
    }
    this.#assertOpen();
    return this.#leastBusy()!;
  }

  #leastBusy(): Thread | undefined {
    return this.#readers.toSorted((a, b) => a.pending - b.pending)[0];
  }

  async #addReader(): Promise<Thread> {
    try {
      const reader = await this.#startReader();
      reader.tell({ type: 'present', sources: [...this.#keys].map(([number, key]) => this.#whereOf(key, number)) });
      this.#readers.push(reader);
      return reader;
    } finally {
      this.#startingReader = undefined;
    }
  }

  #toHits({ files, listings, order, more }: Found): { hits: readonly Hit[]; more: boolean } {
    const hits: Hit[] = [];
    let [file, listing] = [0, 0];
    for (const kind of order) {
      if (kind === 1) {
        hits.push({ kind: 'anonymous', entry: listings[listing]! });
        listing += 1;
        continue;
      }
      const key = this.#keys.get(files.sources[file]!);
      const where = key === undefined ? undefined : this.#present.get(key);
      // It may have gone since.
      if (key !== undefined && where !== undefined) {
        const entry = {
          root: files.roots.slice(file * ADDRESS_BYTES, (file + 1) * ADDRESS_BYTES),
          ...{ name: files.names[file]!, folder: files.folders[file]! },
          ...{ sizeBytes: files.sizes[file]!, day: files.days[file]! },
        };
        hits.push({ kind: 'direct', entry, source: this.#sources.get(key)!.key, ...where });
      }
      file += 1;
    }
    return { hits, more };
  }

  #nowMinutes(): number {
    return Math.floor(this.#wallMs() / 60_000);
  }

  #admitChange(): void {
    this.#assertOpen();
    if (this.#writer.pending >= MAX_PENDING_CHANGES) throw busy();
  }

  #admitQuery(): void {
    this.#assertOpen();
    const pending = this.#readers.reduce((sum, reader) => sum + reader.pending, this.#waitingQueries);
    if (pending >= MAX_PENDING_QUERIES) throw busy();
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new BroadsideError('unexpected', 'the search index is closed');
  }
}

function ownEntry<Entry extends { readonly root: Uint8Array }>(entry: Entry): Entry {
  return { ...entry, root: ownBytes(entry.root) };
}

function busy(): BroadsideError {
  return new BroadsideError('busy', 'the search index does not keep up; try again in a moment');
}
