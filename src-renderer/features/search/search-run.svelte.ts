/** One search, or one look through what a user shares, as this window follows it. */
import type { BroadsideError } from '../../../shared/base/errors.ts';
import { toBroadsideError } from '../../../shared/base/errors.ts';
import type { Result, SearchNews, SearchState } from '../../../shared/ipc/search-model.ts';
import { node } from '../../lib/connection/node.svelte.ts';
import { notices } from '../../lib/notices.svelte.ts';
import { readFilters, writeFilters } from './filters.ts';
import type { Filters } from './filters.ts';
import { ResultSet } from './result-set.svelte.ts';

/** Results of one page, as many as the node gives at once. */
const PAGE_RESULTS = 1000;

export class SearchRun extends ResultSet {
  state: SearchState = $state.raw()!;
  /** As it stands in the field: what was asked for, with the filters as they are now. */
  text = $state('');
  /** What could not be asked for anew after the connection broke. */
  problem = $state.raw<BroadsideError>();
  readonly isRunning = $derived(this.state.state === 'searching');
  /** What the hubs were asked for: filters beyond it need another search. */
  readonly asked = $derived(readFilters(this.state.query));

  constructor(state: SearchState, text: string) {
    super();
    this.state = state;
    this.text = text;
    this.filters = readFilters(text);
  }

  get id(): string {
    return this.state.id;
  }

  receive({ state, results, gone }: SearchNews): void {
    this.state = state;
    this.add(results);
    this.take(gone);
  }

  filter(filters: Filters): void {
    this.filters = filters;
    this.text = writeFilters(this.text, filters);
  }

  async stop(): Promise<void> {
    if (!this.isRunning) return;
    await notices.attempt(() => node.call('search.stop', { search: this.id }));
  }

  /** All that the node has of it, in the order in which it came. */
  async refresh(): Promise<void> {
    try {
      const results: Result[] = [];
      for (;;) {
        const page = await node.call('search.results', {
          search: this.id,
          order: 'calm',
          from: results.length,
          limit: PAGE_RESULTS,
        });
        results.push(...page.results);
        this.state = page.state;
        if (page.results.length < PAGE_RESULTS) break;
      }
      this.replace(results);
      this.problem = undefined;
    } catch (thrown) {
      // The node ended meanwhile, or made room: what is here stays, and no more comes.
      if (!this.isRunning && this.all.length > 0) return;
      this.problem = toBroadsideError(thrown);
      this.state = { ...this.state, state: 'stopped', end: 'stopped', endedMs: Date.now() };
    }
  }
}
