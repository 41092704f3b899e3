/** One search from its start to its end: what comes is filtered, grouped, and told at most four times a second. */
import type { Result, SearchNews, SearchState } from '../../../shared/ipc/search-model.ts';
import { Collector, MAX_CONTENTS_OF_SOURCE } from '../../core/search/collector.ts';
import type { Content } from '../../core/search/collector.ts';
import type { SearchCounts, SearchEnd } from '../../core/search/effects.ts';
import type { Hit } from '../../core/search/entry.ts';
import type { Query } from '../../core/search/query.ts';
import type { Clock } from '../jobs/clock.ts';
import type { SearchHandle, SearchNetwork } from '../node/search-network.ts';
import type { Hiding } from './hiding.ts';
import { resultOf } from './results.ts';
import type { ResultDeps } from './results.ts';

/** News of one search come at most so often; the first, and the last, at once. */
export const NEWS_EVERY_MS = 250;
const DAY_MS = 86_400_000;

/** All that searches know of the network. */
export type QueryNetwork = Pick<SearchNetwork, 'search'>;

export interface RunDeps extends ResultDeps {
  readonly network: QueryNetwork;
  readonly clock: Clock;
  readonly hiding: Hiding;
  readonly onSource: (publicKey: Uint8Array) => void;
}

export interface RunOptions {
  readonly id: string;
  readonly text: string;
  readonly query: Query;
  readonly wanted: number;
  readonly timeoutMs: number;
  readonly anonymousOnly: boolean;
  readonly wish?: string;
  readonly onNews: (news: SearchNews) => void;
  readonly onEnd: (run: SearchRun) => void;
}

export class SearchRun {
  readonly #deps: RunDeps;
  readonly #options: RunOptions;
  readonly #collector: Collector;
  /** Contents that were told of, and those that are to be told of. */
  readonly #seen = new Set<string>();
  readonly #changed = new Set<string>();
  readonly #gone = new Set<string>();
  readonly #startedMs: number;
  #counts: SearchCounts = { hubsAsked: 0, hubsKnown: 0, messages: 0 };
  #end: SearchEnd | undefined;
  #endedMs: number | undefined;
  #handle: SearchHandle | undefined;
  #direct = 0;
  #toldMs = Number.NEGATIVE_INFINITY;
  #stopTimer: (() => void) | undefined;

  constructor(deps: RunDeps, options: RunOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#startedMs = deps.clock.now();
    this.#collector = new Collector({
      query: options.query,
      todayDay: Math.floor(this.#startedMs / DAY_MS),
      judge: (hit, fields) => deps.hiding.judge(hit, fields),
      maxContentsOfSource: MAX_CONTENTS_OF_SOURCE,
    });
  }

  /** It may have ended when this returns. */
  start(): void {
    const { query, wanted: want, timeoutMs, anonymousOnly } = this.#options;
    const handle = this.#deps.network.search(
      query,
      { want, timeoutMs, anonymousOnly },
      {
        onHits: (hits) => this.#onHits(hits),
        onProgress: (counts) => {
          this.#counts = counts;
          this.#tellSoon();
        },
        onDone: (end, counts) => {
          this.#counts = counts;
          this.#finish(end);
        },
      },
    );
    if (this.#end === undefined) this.#handle = handle;
  }

  get query(): Query {
    return this.#options.query;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  stop(): void {
    const handle = this.#handle;
    this.#finish('stopped');
    handle?.stop();
  }

  state(): SearchState {
    const { id, text, wanted, timeoutMs, anonymousOnly, wish } = this.#options;
    return {
      id,
      query: text,
      ...(wish !== undefined && { wish }),
      state: this.#end === undefined ? 'searching' : this.#end === 'stopped' ? 'stopped' : 'done',
      ...(this.#end !== undefined && { end: this.#end }),
      startedMs: this.#startedMs,
      ...(this.#endedMs !== undefined && { endedMs: this.#endedMs }),
      ...{ timeoutMs, wanted, ...this.#counts, anonymousOnly },
      results: this.#collector.size,
      hits: this.#collector.hits,
      hidden: this.#collector.hidden,
    };
  }

  content(id: string): Content | undefined {
    return this.#collector.get(id);
  }

  /** In the order in which they came. */
  contents(): Content[] {
    return this.#collector.contents();
  }

  results(): Result[] {
    return this.contents().map((content) => this.#resultOf(content));
  }

  /** After the person hid something, or what is rated by changed. */
  judgeAgain(): void {
    const { gone } = this.#collector.judgeAgain();
    for (const id of gone) {
      this.#changed.delete(id);
      this.#gone.add(id);
    }
    for (const { id } of this.contents()) this.#changed.add(id);
    this.#tellSoon();
  }

  #onHits(hits: readonly Hit[]): void {
    if (this.#end !== undefined) return;
    for (const hit of hits) if (hit.kind === 'direct') this.#deps.onSource(hit.source);
    for (const id of this.#collector.add(hits)) {
      this.#changed.add(id);
      if (this.#seen.has(id)) continue;
      this.#seen.add(id);
      if (id.startsWith('direct:')) this.#direct += 1;
    }
    // Publications come by the stem, whose end counts for itself.
    this.#handle?.counted(this.#direct);
    this.#tellSoon();
  }

  #finish(end: SearchEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#endedMs = this.#deps.clock.now();
    this.#handle = undefined;
    this.#tell();
    this.#options.onEnd(this);
  }

  #tellSoon(): void {
    if (this.#stopTimer !== undefined) return;
    const { clock } = this.#deps;
    const waitMs = this.#toldMs + NEWS_EVERY_MS - clock.monotonicMs();
    if (waitMs <= 0) this.#tell();
    else this.#stopTimer = clock.after(waitMs, () => this.#tell());
  }

  #tell(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#toldMs = this.#deps.clock.monotonicMs();
    const results = [...this.#changed].flatMap((id) => {
      const content = this.#collector.get(id);
      return content === undefined ? [] : [this.#resultOf(content)];
    });
    const gone = [...this.#gone];
    this.#changed.clear();
    this.#gone.clear();
    this.#options.onNews({ state: this.state(), results, gone });
  }

  #resultOf(content: Content): Result {
    return resultOf(content, this.#options.query, this.#deps);
  }
}
