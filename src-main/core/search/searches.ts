import { MAX_OWN_SEARCHES, MAX_WANTED } from '../limits.ts';
import type { Ask, AskEnd, Asks } from './asks.ts';
import { contentKey } from './contents.ts';
import type { SearchCounts, SearchEnd, SearchEvent } from './effects.ts';
import type { Hit } from './entry.ts';
import type { SearchParts } from './parts.ts';
import type { Query } from './query.ts';
import type { Roles } from './roles.ts';
import type { StemQueries, StemQuery } from './stem-queries.ts';

type Start = Extract<SearchEvent, { type: 'search' }>;

interface Search {
  readonly operation: number;
  readonly want: number;
  readonly contents: Set<string>;
  /** How its parts ended: shared files straight, publications by the stem. */
  readonly ends: AskEnd[];
  ask: Ask | undefined;
  stem: StemQuery | undefined;
  /** Of the part by the stem, which is told at its end. */
  stemHubs: number;
  stemMessages: number;
  askHubs: number;
  askMessages: number;
  waiting: number;
}

/** This node's own searches. One for shared files and publications is two queries: only the second one is anonymous. */
export class Searches {
  readonly #parts: SearchParts;
  readonly #roles: Roles;
  readonly #asks: Asks;
  readonly #stems: StemQueries;
  readonly #byOperation = new Map<number, Search>();

  constructor(parts: SearchParts, roles: Roles, asks: Asks, stems: StemQueries) {
    this.#parts = parts;
    this.#roles = roles;
    this.#asks = asks;
    this.#stems = stems;
  }

  get size(): number {
    return this.#byOperation.size;
  }

  start(event: Start): void {
    const { operation, query, timeoutMs, anonymousOnly } = event;
    const { context } = this.#parts;
    const want = Math.max(1, Math.min(event.want, MAX_WANTED));
    if (this.#byOperation.size >= MAX_OWN_SEARCHES) {
      const counts = { hubsAsked: 0, hubsKnown: this.#hubsKnown(), messages: 0 };
      context.emit({ type: 'searchDone', operation, end: 'no-hubs', counts });
      return;
    }
    const search: Search = {
      operation,
      want,
      contents: new Set(),
      ends: [],
      ask: undefined,
      stem: undefined,
      stemHubs: 0,
      stemMessages: 0,
      askHubs: 0,
      askMessages: 0,
      waiting: 0,
    };
    this.#byOperation.set(operation, search);
    const isStraight = !anonymousOnly && query.kind !== 'anonymous';
    const isByStem = anonymousOnly || query.kind !== 'direct';
    search.waiting = (isStraight ? 1 : 0) + (isByStem ? 1 : 0);
    if (isByStem) this.#startStem(search, anonymousOnly ? query : { ...query, kind: 'anonymous' }, timeoutMs);
    if (isStraight) this.#startAsk(search, { ...query, kind: 'direct' }, timeoutMs);
  }

  /** How many of the contents count, after the person's own filters. */
  count(operation: number, contents: number): void {
    const search = this.#byOperation.get(operation);
    if (search?.ask !== undefined) this.#asks.count(search.ask, contents);
  }

  cancel(operation: number): void {
    const search = this.#byOperation.get(operation);
    if (search !== undefined) this.#finish(search, 'stopped');
  }

  #startAsk(search: Search, query: Query, timeoutMs: number): void {
    const ask = this.#asks.start({
      query,
      want: search.want,
      timeoutMs,
      onHits: (hits) => this.#onHits(search, hits),
      onProgress: () => this.#progress(search),
      onEnd: (end) => {
        search.ask = undefined;
        search.askHubs = ask.hubs;
        search.askMessages = ask.messages;
        this.#onEnd(search, end);
      },
    });
    search.ask = ask.closed ? undefined : ask;
    this.#progress(search);
  }

  #startStem(search: Search, query: Query, timeoutMs: number): void {
    const stem = this.#stems.startOwn(query, search.want, timeoutMs, {
      onHits: (hits) => this.#onHits(search, hits),
      onEnd: (end, hubs, messages) => {
        search.stem = undefined;
        search.stemHubs = hubs;
        search.stemMessages = messages;
        this.#onEnd(search, end);
      },
    });
    search.stem = stem.closed ? undefined : stem;
  }

  #onHits(search: Search, hits: readonly Hit[]): void {
    if (!this.#byOperation.has(search.operation)) return;
    for (const hit of hits) search.contents.add(contentKey(hit));
    this.#parts.context.emit({ type: 'searchHits', operation: search.operation, hits });
  }

  #onEnd(search: Search, end: AskEnd): void {
    if (!this.#byOperation.has(search.operation)) return;
    search.ends.push(end);
    this.#progress(search);
    if (search.ends.length === search.waiting) this.#finish(search, joined(search.ends));
  }

  #finish(search: Search, end: SearchEnd): void {
    const { operation } = search;
    this.#byOperation.delete(operation);
    const counts = this.#counts(search);
    if (search.ask !== undefined) this.#asks.stop(search.ask);
    if (search.stem !== undefined) this.#stems.stop(search.stem);
    this.#parts.context.emit({ type: 'searchDone', operation, end, counts });
  }

  #progress(search: Search): void {
    if (!this.#byOperation.has(search.operation)) return;
    const counts = this.#counts(search);
    this.#parts.context.emit({ type: 'searchProgress', operation: search.operation, counts });
  }

  #counts(search: Search): SearchCounts {
    const hubs = search.ask?.hubs ?? search.askHubs;
    const messages = search.ask?.messages ?? search.askMessages;
    return {
      hubsAsked: hubs + search.stemHubs,
      hubsKnown: this.#hubsKnown(),
      messages: messages + search.stemMessages,
    };
  }

  #hubsKnown(): number {
    const { peers } = this.#parts;
    return this.#roles.role === 'hub' ? peers.mesh().length + 1 : peers.hubs().length;
  }
}

/** What is said of two queries: the best that can be said of one of them. */
function joined(ends: readonly AskEnd[]): AskEnd {
  for (const end of ['enough', 'time', 'exhausted'] as const) if (ends.includes(end)) return end;
  return 'no-hubs';
}
