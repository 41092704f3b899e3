/** The searches of this node: those of the person, which are kept for a while, and those of wishes, which are not. */
import { toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { QueryCheck, Result, ResultOrder, SearchNews, SearchState } from '../../../shared/ipc/search-model.ts';
import type { Random } from '../../core/ports.ts';
import type { Content } from '../../core/search/collector.ts';
import { explainQueryProblem, formatQuery, parseQuery } from '../../core/search/query-text.ts';
import type { Query } from '../../core/search/query.ts';
import { inOrder } from './results.ts';
import { SearchRun } from './search-run.ts';
import type { RunDeps } from './search-run.ts';

/** Distinct contents and time, unless somebody says otherwise (protocol, section 5; the time is a guess). */
const WANTED = 250;
const TIMEOUT_MS = 30_000;
/** Kept with what they found, a megabyte each at most; the oldest that have ended make room. Guess. */
export const MAX_KEPT_SEARCHES = 16;
/** Under way at once: as many windows as anybody looks at. Wishes have room of their own in the core's bound. Guess. */
export const MAX_RUNNING_SEARCHES = 8;
/** Results of one answer. */
const MAX_PAGE = 1_000;
/** A source that was found so lately counts as online. Guess. */
const SEEN_MS = 10 * 60_000;
const MAX_SEEN = 4_096;

export interface SearchesDeps extends Omit<RunDeps, 'onSource'> {
  readonly random: Random;
  readonly anonymousOnly: () => boolean;
  readonly onNews: (news: SearchNews) => void;
  readonly onGone: (id: string) => void;
  /** A search of the person ended by itself. */
  readonly onDone: (state: SearchState) => void;
}

export class Searches {
  readonly #deps: SearchesDeps;
  readonly #runs = new Map<string, SearchRun>();
  readonly #wishRuns = new Set<SearchRun>();
  /** When each source was found last. */
  readonly #seen = new Map<string, number>();
  #closed = false;

  constructor(deps: SearchesDeps) {
    this.#deps = deps;
  }

  check(text: string): QueryCheck {
    const parsed = parseQuery(text);
    if (parsed.ok) return { ok: true, query: formatQuery(parsed.query) };
    const { from, to } = parsed.problem;
    return { ok: false, message: explainQueryProblem(parsed.problem, text), from, to };
  }

  start(text: string, wanted: number | undefined, timeoutMs: number | undefined): SearchState {
    const query = queryFromText(text);
    const running = [...this.#runs.values()].filter(({ isOver }) => !isOver).length;
    if (running >= MAX_RUNNING_SEARCHES) {
      throw new BroadsideError('busy', `${running} searches are under way. Stop one, or wait until one has ended.`);
    }
    const run = this.#make(text, query, { wanted, timeoutMs, onEnd: () => this.#deps.onDone(run.state()) });
    this.#runs.set(run.state().id, run);
    this.#makeRoom();
    run.start();
    return run.state();
  }

  /** A search of a wish: all that it found, when it has ended. `isTold`: its news are told, for somebody looks. */
  forWish(
    wish: string,
    text: string,
    options: { readonly wanted: number; readonly timeoutMs: number; readonly isTold: boolean },
  ): {
    readonly state: SearchState;
    readonly found: Promise<{ readonly state: SearchState; readonly results: Result[] }>;
  } {
    const query = queryFromText(text);
    let ended = (_run: SearchRun): void => {};
    const over = new Promise<SearchRun>((resolve) => (ended = resolve));
    const run = this.#make(text, query, { ...options, wish, onEnd: ended });
    this.#wishRuns.add(run);
    run.start();
    const found = over.then(() => {
      this.#wishRuns.delete(run);
      return { state: run.state(), results: inOrder(run.results(), 'rank') };
    });
    return { state: run.state(), found };
  }

  stop(id: string): void {
    this.#get(id).stop();
  }

  /** Newest first. */
  list(): SearchState[] {
    return [...this.#runs.values()].map((run) => run.state()).reverse();
  }

  results(
    id: string,
    order: ResultOrder = 'calm',
    from = 0,
    limit = MAX_PAGE,
  ): { state: SearchState; results: Result[] } {
    const run = this.#get(id);
    return { state: run.state(), results: inOrder(run.results(), order).slice(from, from + limit) };
  }

  dismiss(id: string): void {
    const run = this.#runs.get(id);
    if (run === undefined) return;
    this.#runs.delete(id);
    run.stop();
    this.#deps.onGone(id);
  }

  /** A content that a search found, and what was asked for. Throws `not-found`. */
  found(id: string, result: string): { readonly content: Content; readonly query: Query } {
    const run = this.#get(id);
    const content = run.content(result);
    if (content === undefined) throw new BroadsideError('not-found', 'This search has no such result any more.');
    return { content, query: run.query };
  }

  /** The same in whatever search has it, the newest first. */
  known(result: string): { readonly content: Content; readonly query: Query } | undefined {
    for (const run of [...this.#runs.values()].reverse()) {
      const content = run.content(result);
      if (content !== undefined) return { content, query: run.query };
    }
    return undefined;
  }

  /** Contents that one source alone has, as far as searches that are kept found them. */
  onlyOf(publicKey: string, limit: number): { readonly content: Content; readonly query: Query }[] {
    const found = [...this.#runs.values()].reverse().flatMap((run) =>
      run.contents().flatMap((content) => {
        const isOnly = content.sources.size === 1 && content.sources.has(publicKey);
        return isOnly ? [{ content, query: run.query }] : [];
      }),
    );
    return found.slice(0, limit);
  }

  judgeAgain(): void {
    for (const run of [...this.#runs.values(), ...this.#wishRuns]) run.judgeAgain();
  }

  wasSeen(publicKey: string): boolean {
    return this.#deps.clock.monotonicMs() - (this.#seen.get(publicKey) ?? Number.NEGATIVE_INFINITY) < SEEN_MS;
  }

  close(): void {
    this.#closed = true;
    for (const run of [...this.#runs.values(), ...this.#wishRuns]) run.stop();
    this.#runs.clear();
  }

  #make(
    text: string,
    query: Query,
    options: {
      readonly wanted: number | undefined;
      readonly timeoutMs: number | undefined;
      readonly wish?: string;
      readonly isTold?: boolean;
      readonly onEnd: (run: SearchRun) => void;
    },
  ): SearchRun {
    if (this.#closed) throw new BroadsideError('offline', 'The node is stopping.');
    const { wanted = WANTED, timeoutMs = TIMEOUT_MS, wish, isTold = true, onEnd } = options;
    const { random, anonymousOnly, onNews } = this.#deps;
    return new SearchRun(
      { ...this.#deps, onSource: (publicKey) => this.#onSource(toHex(publicKey)) },
      {
        id: toHex(random.bytes(12)),
        text: text.trim().replace(/\s+/gu, ' '),
        ...{ query, wanted, timeoutMs },
        anonymousOnly: anonymousOnly(),
        ...(wish !== undefined && { wish }),
        onNews: (news) => {
          if (isTold && !this.#closed) onNews(news);
        },
        onEnd,
      },
    );
  }

  #get(id: string): SearchRun {
    const run = this.#runs.get(id);
    if (run === undefined) throw new BroadsideError('not-found', 'This search is no longer kept. Search again.');
    return run;
  }

  /** There is one that has ended: fewer than are kept may run. */
  #makeRoom(): void {
    if (this.#runs.size <= MAX_KEPT_SEARCHES) return;
    const oldest = [...this.#runs].find(([, run]) => run.isOver);
    if (oldest !== undefined) this.dismiss(oldest[0]);
  }

  #onSource(publicKey: string): void {
    this.#seen.delete(publicKey);
    this.#seen.set(publicKey, this.#deps.clock.monotonicMs());
    if (this.#seen.size > MAX_SEEN) this.#seen.delete(this.#seen.keys().next().value!);
  }
}

/** Throws `usage` with what is wrong and where. */
export function queryFromText(text: string): Query {
  const parsed = parseQuery(text);
  if (parsed.ok) return parsed.query;
  throw new BroadsideError('usage', explainQueryProblem(parsed.problem, text));
}
