/**
 * The threads of the search index. The writer owns the file and gathers what arrives while it commits into its next commit, and tidies
 * when nothing arrives; the readers answer queries.
 */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { moveAside } from './database-file.ts';
import { isCorrupt, isFull, toStorageError } from './errors.ts';
import { SearchDatabase } from './search-database.ts';
import type {
  SearchAnswer,
  SearchReport,
  SearchRequest,
  SearchSetup,
  SearchValue,
  SearchWrite,
} from './search-messages.ts';
import { SearchReader } from './search-reader.ts';
import { SEARCH_SCHEMA } from './search-schema.ts';

/** Of one commit: entries that come or go, so that the first to arrive does not wait for the last; some 200 ms of work. */
const MAX_COMMIT_ENTRIES = 8_192;
/** When nothing was written for so long, the index is put in order. */
const TIDY_AFTER_MS = 500;

type Waiting = SearchWrite & { readonly id: number };

class Writer {
  readonly #port: MessagePort;
  readonly #setup: SearchSetup;
  #database: SearchDatabase;
  /** Bounded by the adapter, which has at most so many requests under way (search-index.ts). */
  #waiting: Waiting[] = [];
  #answers: SearchAnswer[] = [];
  #scheduled = false;
  #replaced = 0;
  #tidying: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(port: MessagePort, setup: SearchSetup) {
    this.#port = port;
    this.#setup = setup;
    this.#database = new SearchDatabase(setup);
    report(port, { type: 'opened', ...this.#database.opened() });
    port.on('message', (requests: SearchRequest[]) => {
      for (const request of requests) this.#receive(request);
    });
  }

  #receive(request: SearchRequest): void {
    switch (request.type) {
      case 'change':
      case 'drop-source':
      case 'put-listing':
      case 'drop-listing':
        this.#waiting.push(request);
        this.#schedule();
        return;
      case 'begin':
        // Before anything is changed, and after the reader has opened the file: queries are answered meanwhile.
        this.#guard(() => this.#database.countWords());
        this.#tidyLater();
        return;
      case 'drop-old':
        this.#commitAll();
        this.#dropOld(request, { files: 0, sources: [] });
        return;
      case 'table':
        this.#commitAll();
        this.#answer(request.id, () => this.#database.table());
        return;
      case 'stats':
        this.#answer(request.id, () => this.#database.stats());
        return;
      case 'replace':
        // Once for all who met the damage together, this thread among them.
        if (request.replaced === this.#replaced) this.#replace();
        this.#answer(request.id, () => true);
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
    while (this.#waiting.length > 0) this.#commitSome();
  }

  #commitSome(): void {
    let entries = 0;
    const end = this.#waiting.findIndex((write) => {
      entries += this.#database.entriesOf(write);
      return entries > MAX_COMMIT_ENTRIES;
    });
    const some = this.#waiting.splice(0, end < 0 ? this.#waiting.length : Math.max(1, end));
    const writes = this.#refuseOnLowDisk(some);
    if (writes.length > 0) {
      try {
        const values = this.#database.commit(writes);
        writes.forEach(({ id }, index) => this.#answers.push({ id, value: values[index]! }));
      } catch (thrown) {
        this.#answerFailed(writes, thrown);
      }
    }
    this.#flush();
    this.#tidyLater();
  }

  /** Answers full to what would be added on a disk that is nearly full; returns the rest. */
  #refuseOnLowDisk(writes: Waiting[]): Waiting[] {
    if (!writes.some(adds)) return writes;
    const { bavail, bsize } = statfsSync(dirname(this.#setup.path));
    if (bavail * bsize >= this.#setup.reserveBytes) return writes;
    for (const write of writes) if (adds(write)) this.#answers.push({ id: write.id, value: FULL });
    return writes.filter((write) => !adds(write));
  }

  #answerFailed(writes: readonly Waiting[], thrown: unknown): void {
    if (isCorrupt(thrown)) this.#replace();
    const error = describe(thrown);
    for (const write of writes) {
      this.#answers.push(adds(write) && isFull(thrown) ? { id: write.id, value: FULL } : { id: write.id, error });
    }
  }

  #dropOld(
    request: Extract<SearchRequest, { type: 'drop-old' }>,
    dropped: { files: number; sources: Uint8Array[] },
  ): void {
    try {
      const { id, sinceMs, nowMs, present } = request;
      const { files, sources, ended } = this.#database.dropOldStep(sinceMs, nowMs, present);
      const all = { files: dropped.files + files, sources: [...dropped.sources, ...sources] };
      if (!ended) {
        setImmediate(() => this.#closed || this.#dropOld(request, all));
        return;
      }
      this.#answers.push({ id, value: all });
    } catch (thrown) {
      if (isCorrupt(thrown)) this.#replace();
      this.#answers.push({ id: request.id, error: describe(thrown) });
    }
    this.#flush();
    this.#tidyLater();
  }

  /** A damaged file would fail for ever; it is moved aside, and leaves send their lists to the fresh one. */
  #replace(): void {
    try {
      this.#database.close();
      const movedTo = moveAside(this.#setup.path, SEARCH_SCHEMA.damagedFiles);
      this.#database = new SearchDatabase(this.#setup);
      this.#database.countWords();
      this.#replaced += 1;
      report(this.#port, { type: 'replaced', movedTo });
    } catch (thrown) {
      report(this.#port, { type: 'failed', error: describe(thrown) });
    }
  }

  #tidyLater(): void {
    clearTimeout(this.#tidying);
    this.#tidying = setTimeout(() => this.#tidy(), TIDY_AFTER_MS);
  }

  /** In steps, between which requests have their turn; one that comes begins the wait anew. */
  #tidy(): void {
    this.#guard(() => {
      if (this.#database.tidyStep()) this.#tidying = setTimeout(() => this.#tidy(), 0);
    });
  }

  /** For work that nobody waits for: a disk without room, say, the next change will tell of. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      if (isCorrupt(thrown)) this.#replace();
    }
  }

  #close(id: number): void {
    this.#commitAll();
    this.#closed = true;
    clearTimeout(this.#tidying);
    this.#database.close();
    this.#answers.push({ id, value: true });
    this.#flush();
    this.#port.close();
  }

  #answer(id: number, work: () => SearchValue): void {
    try {
      this.#answers.push({ id, value: work() });
    } catch (thrown) {
      this.#answers.push({ id, error: describe(thrown) });
    }
    this.#flush();
  }

  #flush(): void {
    if (this.#answers.length === 0) return;
    report(this.#port, { type: 'answers', answers: this.#answers });
    this.#answers = [];
  }
}

const FULL = { outcome: 'full', state: undefined } as const;

function adds(write: SearchWrite): boolean {
  return write.type === 'put-listing' || (write.type === 'change' && write.change.added.length > 0);
}

function startReader(port: MessagePort, setup: SearchSetup): void {
  const reader = new SearchReader(setup);
  const answer = (id: number, work: () => SearchValue): void => {
    let said: SearchAnswer;
    try {
      said = { id, value: work() };
    } catch (thrown) {
      said = isCorrupt(thrown) ? { id, value: 'damaged' } : { id, error: describe(thrown) };
    }
    report(port, { type: 'answers', answers: [said] });
  };
  port.on('message', (requests: SearchRequest[]) => {
    for (const request of requests) {
      switch (request.type) {
        case 'query':
          answer(request.id, () => reader.query(request.query, request.bounds, request.nowMinutes));
          break;
        case 'listings':
          answer(request.id, () => reader.listings(request.after, request.limit, request.nowMinutes));
          break;
        case 'present':
          reader.setPresent(request.sources);
          break;
        case 'reopen':
          answer(request.id, () => {
            reader.reopen();
            return true;
          });
          break;
        case 'close':
          reader.close();
          answer(request.id, () => true);
          port.close();
          break;
        default:
          throw new Error(`not for the reader: ${request.type}`);
      }
    }
  });
  report(port, { type: 'opened', sources: [], movedTo: undefined });
}

function report(port: MessagePort, message: SearchReport): void {
  port.postMessage(message);
}

function describe(thrown: unknown) {
  const { code, message } = toStorageError(thrown, SEARCH_SCHEMA.what);
  return { code, message };
}

function main(port: MessagePort, setup: SearchSetup): void {
  try {
    if (setup.role === 'writer') new Writer(port, setup);
    else startReader(port, setup);
  } catch (thrown) {
    report(port, { type: 'failed', error: describe(thrown) });
    port.close();
  }
}

if (parentPort === null) throw new Error('this file runs in a worker thread');
main(parentPort, workerData as SearchSetup);
