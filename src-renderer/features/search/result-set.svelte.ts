/**
 * Results as one looks at them: rows that keep their place while more come, filters over them, an order on request, and what
 * was hidden so that it can come back.
 */
import type { Result, ResultOrder } from '../../../shared/ipc/search-model.ts';
import { countFacets, passes } from './filters.ts';
import type { Filters } from './filters.ts';

type Sorting = (a: Result, b: Result) => number;
const NAMES = new Intl.Collator(undefined, { numeric: true });
const SORTINGS: Readonly<Record<Exclude<ResultOrder, 'calm'>, Sorting>> = {
  rank: (a, b) => (b.score ?? 0) - (a.score ?? 0),
  sources: (a, b) => (b.sources ?? 0) - (a.sources ?? 0),
  newest: (a, b) => (b.sinceMs ?? 0) - (a.sinceMs ?? 0),
  size: (a, b) => b.sizeBytes - a.sizeBytes,
  name: (a, b) => NAMES.compare(a.name, b.name),
};
export const ORDERS = ['calm', 'rank', 'sources', 'newest', 'size', 'name'] as const satisfies readonly ResultOrder[];

export class ResultSet {
  /** In the order in which they came. */
  all = $state.raw<readonly Result[]>([]);
  filters = $state.raw<Filters>({});
  selectedId = $state<string>();
  /** Those that are new since somebody looked. */
  freshIds = $state.raw<ReadonlySet<string>>(new Set());
  #order = $state<ResultOrder>('calm');
  /** Ids in the order that was asked for, as they were then: rows that come later wait until they are asked for. */
  #sorted = $state.raw<readonly string[]>([]);
  readonly #places = new Map<string, number>();
  readonly #taken = new Map<string, { readonly result: Result; readonly at: number }>();

  readonly #passing = $derived(this.all.filter((result) => passes(result, this.filters, Date.now())));
  readonly counts = $derived(countFacets(this.all, this.filters, Date.now()));
  readonly rows = $derived.by((): readonly Result[] => {
    if (this.#order === 'calm') return this.#passing;
    const passing = new Map(this.#passing.map((result) => [result.id, result]));
    return this.#sorted.flatMap((id) => passing.get(id) ?? []);
  });
  /** Came after the rows were sorted. */
  readonly waiting = $derived(this.#passing.length - this.rows.length);
  /** The first until somebody chose one. */
  readonly selected = $derived(this.rows.find(({ id }) => id === this.selectedId) ?? this.rows[0]);
  readonly selectedIndex = $derived(this.selected === undefined ? -1 : this.rows.indexOf(this.selected));

  get order(): ResultOrder {
    return this.#order;
  }

  /** Sorts what is there now; again for what came since. */
  sort(order: ResultOrder = this.#order): void {
    this.#order = order;
    this.#sorted = order === 'calm' ? [] : this.all.toSorted(SORTINGS[order]).map(({ id }) => id);
  }

  /** What is known is replaced in its row; the rest comes at the end. */
  add(results: readonly Result[]): void {
    if (results.length === 0) return;
    const all = [...this.all];
    for (const result of results) {
      this.#taken.delete(result.id);
      const place = this.#places.get(result.id);
      if (place === undefined) this.#places.set(result.id, all.push(result) - 1);
      else all[place] = result;
    }
    this.all = all;
  }

  /** Rows leave; `putBack` brings them back to where they were. */
  take(ids: readonly string[]): void {
    const leaving = new Set(ids.filter((id) => this.#places.has(id)));
    if (leaving.size === 0) return;
    const next = this.rows.find(({ id }, index) => index > this.selectedIndex && !leaving.has(id));
    const before = this.rows.findLast(({ id }, index) => index < this.selectedIndex && !leaving.has(id));
    for (const id of leaving) {
      const at = this.#places.get(id)!;
      this.#taken.set(id, { result: this.all[at]!, at });
    }
    if (this.selectedId !== undefined && leaving.has(this.selectedId)) this.selectedId = next?.id ?? before?.id;
    this.#set(this.all.filter(({ id }) => !leaving.has(id)));
  }

  putBack(): void {
    const all = [...this.all];
    // The first that left first, so that each finds its place as it was.
    for (const { result, at } of [...this.#taken.values()].sort((a, b) => a.at - b.at)) all.splice(at, 0, result);
    this.#taken.clear();
    this.#set(all);
  }

  /** What left stays away. */
  forgetTaken(): void {
    this.#taken.clear();
  }

  /** All anew, as after the connection broke. */
  replace(results: readonly Result[]): void {
    this.#set([]);
    this.add(results);
  }

  #set(all: readonly Result[]): void {
    this.#places.clear();
    for (const [index, { id }] of all.entries()) this.#places.set(id, index);
    this.all = all;
  }
}
