/** The searches that this window follows, newest first, and how one begins. */
import { toBroadsideError } from '../../../shared/base/errors.ts';
import type { BroadsideError } from '../../../shared/base/errors.ts';
import type { SearchNews, SearchState } from '../../../shared/ipc/search-model.ts';
import { node } from '../../lib/connection/node.svelte.ts';
import { router } from '../../lib/route.svelte.ts';
import { SearchRun } from './search-run.svelte.ts';

/** Searches that back and forward come to. The node keeps a few, too. Guess. */
const MAX_RUNS = 8;

class Searches {
  runs = $state.raw<readonly SearchRun[]>([]);
  /** What is being asked for, until the node has said that it began. */
  starting = $state<string>();
  /** What could not begin, and why. */
  failed = $state.raw<{ readonly text: string; readonly error: BroadsideError }>();
  #watching = false;
  /** News that came before the answer that a search began. */
  readonly #early = new Map<string, SearchNews[]>();

  run(id: string): SearchRun | undefined {
    return id === '' ? this.runs[0] : this.runs.find((run) => run.id === id);
  }

  /** Asks, and goes to what comes. */
  async start(text: string): Promise<void> {
    this.failed = undefined;
    // One that goes on under what is asked now costs its hubs what nobody looks at.
    const before = this.runs[0];
    if (before?.isRunning === true) void before.stop();
    try {
      await this.#begin(text, () => node.call('search.start', { query: text }));
    } catch (thrown) {
      this.failed = { text, error: toBroadsideError(thrown) };
      router.go('search', 'failed');
    }
  }

  /** One that this window does not follow, as after it was loaded anew. */
  async find(id: string): Promise<boolean> {
    this.#watch();
    const known = await node.call('search.list', null).catch(() => []);
    const state = known.find((other) => other.id === id);
    if (state === undefined || this.run(id) !== undefined) return state !== undefined;
    const run = new SearchRun(state, state.query);
    this.#put(run);
    await run.refresh();
    return true;
  }

  /** After the connection broke. */
  refresh(): void {
    for (const run of this.runs) void run.refresh();
  }

  async #begin(text: string, ask: () => Promise<SearchState>): Promise<void> {
    this.#watch();
    this.starting = text;
    try {
      const state = await ask();
      const run = new SearchRun(state, text);
      this.#put(run);
      for (const news of this.#early.get(run.id) ?? []) run.receive(news);
      router.go('search', run.id);
    } finally {
      this.starting = undefined;
      this.#early.clear();
    }
  }

  #put(run: SearchRun): void {
    this.runs = [run, ...this.runs.filter(({ id }) => id !== run.id)].slice(0, MAX_RUNS);
  }

  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    node.on('search', (news) => {
      const run = this.runs.find(({ id }) => id === news.state.id);
      if (run !== undefined) run.receive(news);
      else if (this.starting !== undefined)
        this.#early.set(news.state.id, [...(this.#early.get(news.state.id) ?? []), news]);
    });
  }
}

export const searches = new Searches();
