/** The writer of the search index: owns the file, brings changes to disk, drops what is old, and puts the index in order when nothing comes. */
import { CommitQueue } from './commit-queue.ts';
import { moveAside } from './database-file.ts';
import { SearchDatabase } from './search-database.ts';
import type { SearchProtocol, SearchRequest, SearchSetup, SearchWrite } from './search-messages.ts';
import { SEARCH_SCHEMA } from './search-schema.ts';
import type { ThreadSide } from './thread-side.ts';

/** Of one commit: entries that come or go, so that the first to arrive does not wait for the last; some 200 ms of work. */
const MAX_COMMIT_ENTRIES = 8_192;
/** When nothing was written for so long, the index is put in order. */
const TIDY_AFTER_MS = 500;

type Write = SearchWrite & { readonly id: number };

export class SearchWriter {
  readonly #side: ThreadSide<SearchProtocol>;
  readonly #setup: SearchSetup;
  readonly #queue: CommitQueue<Write, SearchProtocol>;
  #database: SearchDatabase;
  #replaced = 0;
  #closed = false;

  constructor(side: ThreadSide<SearchProtocol>, setup: SearchSetup) {
    this.#side = side;
    this.#setup = setup;
    this.#database = new SearchDatabase(setup);
    this.#queue = new CommitQueue<Write, SearchProtocol>(side, {
      path: setup.path,
      reserveBytes: setup.reserveBytes,
      count: (waiting) => this.#count(waiting),
      commit: (writes) => (writes.length === 0 ? [] : this.#database.commit(writes)),
      adds,
      full: { outcome: 'full', state: undefined },
      replace: () => this.#replace(),
      tidyAfterMs: TIDY_AFTER_MS,
      tidyStep: () => this.#database.tidyStep(),
    });
    side.open(this.#database.opened(), (request) => this.#receive(request));
  }

  #receive(request: SearchRequest): void {
    switch (request.type) {
      case 'change':
      case 'drop-source':
      case 'put-listing':
      case 'drop-listing':
        this.#queue.add(request);
        return;
      case 'begin':
        // After whoever opened the index has been told.
        this.#queue.guard(() => this.#database.countWords(false));
        this.#queue.tidyLater();
        return;
      case 'drop-old':
        this.#queue.commitAll();
        this.#dropOld(request, { files: 0, sources: [] });
        return;
      case 'table':
        this.#queue.commitAll();
        this.#side.run(request.id, () => this.#database.table());
        break;
      case 'stats':
        this.#side.run(request.id, () => this.#database.stats());
        break;
      case 'replace':
        // Once for all who met the damage together, this thread among them.
        if (request.replaced === this.#replaced) this.#queue.replace();
        this.#side.answer(request.id, true);
        break;
      case 'close':
        this.#close(request.id);
        break;
      default:
        throw new Error(`not for the writer: ${request.type}`);
    }
    this.#side.flush();
  }

  #count(waiting: readonly Write[]): number {
    let entries = 0;
    const end = waiting.findIndex((write) => {
      entries += this.#database.entriesOf(write);
      return entries > MAX_COMMIT_ENTRIES;
    });
    return end < 0 ? waiting.length : Math.max(1, end);
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
      this.#side.answer(id, all);
    } catch (thrown) {
      this.#queue.replaceIfDamaged(thrown);
      this.#side.refuse(request.id, thrown);
    }
    this.#side.flush();
    this.#queue.tidyLater();
  }

  /** Leaves send their lists to the fresh file. */
  #replace(): SearchProtocol['notice'] {
    this.#database.close();
    const movedTo = moveAside(this.#setup.path, SEARCH_SCHEMA.damagedFiles);
    this.#database = new SearchDatabase(this.#setup);
    this.#database.countWords(true);
    this.#replaced += 1;
    return { movedTo };
  }

  #close(id: number): void {
    this.#queue.close();
    this.#closed = true;
    this.#database.close();
    this.#side.answer(id, true);
  }
}

function adds(write: SearchWrite): boolean {
  return write.type === 'put-listing' || (write.type === 'change' && write.change.added.length > 0);
}
