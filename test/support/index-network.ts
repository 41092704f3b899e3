/** Searches answered by one hub in this process: its index in memory is the real one, and it answers in as many parts as it is told. */
import type { SearchCounts, SearchEnd } from '../../src-main/core/search/effects.ts';
import type { Hit } from '../../src-main/core/search/entry.ts';
import type { SearchIndex } from '../../src-main/core/search/index-port.ts';
import type { Query } from '../../src-main/core/search/query.ts';
import type { SearchHandle, SearchHandlers } from '../../src-main/services/node/search-network.ts';
import type { QueryNetwork } from '../../src-main/services/search/search-run.ts';

const COUNTS: SearchCounts = { hubsAsked: 1, hubsKnown: 1, messages: 2 };

/** One query under way. */
export class AskedQuery {
  readonly query: Query;
  readonly options: { readonly want: number; readonly timeoutMs: number; readonly anonymousOnly: boolean };
  readonly #handlers: SearchHandlers;
  readonly #index: SearchIndex;
  readonly #todayDay: number;
  /** As it was told last. */
  counted = 0;
  isOver = false;

  constructor(
    query: Query,
    options: AskedQuery['options'],
    handlers: SearchHandlers,
    index: SearchIndex,
    todayDay: number,
  ) {
    this.query = query;
    this.options = options;
    this.#handlers = handlers;
    this.#index = index;
    this.#todayDay = todayDay;
  }

  /** All that the index has; to be told, or not, by whoever asks. */
  async found(): Promise<readonly Hit[]> {
    const bounds = { limit: 1_000, perSource: 100, perContent: 10, todayDay: this.#todayDay };
    return (await this.#index.query(this.query, bounds)).hits;
  }

  tell(hits: readonly Hit[]): void {
    if (this.isOver) return;
    this.#handlers.onHits(hits);
    this.#handlers.onProgress(COUNTS);
  }

  end(end: SearchEnd = 'exhausted'): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#handlers.onDone(end, COUNTS);
  }

  async answer(): Promise<void> {
    this.tell(await this.found());
    this.end();
  }
}

export class IndexNetwork implements QueryNetwork {
  readonly asked: AskedQuery[] = [];
  /** Off: there is nobody to ask. */
  isUp = true;
  readonly #index: SearchIndex;
  readonly #todayDay: number;

  constructor(index: SearchIndex, todayDay: number) {
    this.#index = index;
    this.#todayDay = todayDay;
  }

  search(query: Query, options: AskedQuery['options'], handlers: SearchHandlers): SearchHandle {
    const asked = new AskedQuery(query, options, handlers, this.#index, this.#todayDay);
    this.asked.push(asked);
    if (!this.isUp) asked.end('no-hubs');
    return {
      counted: (contents) => {
        asked.counted = contents;
      },
      stop: () => asked.end('stopped'),
    };
  }

  get last(): AskedQuery {
    return this.asked.at(-1)!;
  }
}
