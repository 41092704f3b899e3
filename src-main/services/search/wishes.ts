/** Wishes: queries that keep looking, each at a time of its own, and say when there is something new. */
import * as v from 'valibot';
import { toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { ResultSchema, WishSchema } from '../../../shared/ipc/search-model.ts';
import type { Result, SearchState, Wish } from '../../../shared/ipc/search-model.ts';
import type { LibraryRow, LibraryStore, Random } from '../../core/ports.ts';
import { formatQuery } from '../../core/search/query-text.ts';
import { Rounds } from '../addresses/rounds.ts';
import { Rows } from '../addresses/rows.ts';
import type { Clock } from '../jobs/clock.ts';
import { queryFromText } from './searches.ts';
import type { Searches } from './searches.ts';

/** Each is a search an hour. Guess. */
export const MAX_WISHES = 64;
/** Found by one wish and kept with it, a kilobyte each; and ids of what it found, so that nothing is news twice. Guesses. */
export const MAX_KEPT_RESULTS = 100;
export const MAX_KNOWN_RESULTS = 2_000;
/** About so often, and first so long after the start. Guesses. */
const LOOK_EVERY_MS = 60 * 60_000;
const LOOK_FIRST_MS = 3 * 60_000;
/** Nobody waits for it, and few of what it finds are news. */
const WANTED = 250;
const TIMEOUT_MS = 30_000;

const StoredWishSchema = v.object({
  ...WishSchema.entries,
  known: v.pipe(v.array(v.string()), v.maxLength(MAX_KNOWN_RESULTS)),
  results: v.pipe(v.array(ResultSchema), v.maxLength(MAX_KEPT_RESULTS)),
});
type StoredWish = v.InferOutput<typeof StoredWishSchema>;

export interface WishesDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly libraryStore: LibraryStore;
  readonly searches: Searches;
  readonly neighbours: () => number;
  readonly changed: () => void;
  /** It found something new, and is to say so. */
  readonly onFound: (wish: Wish) => void;
  readonly onDefect: (thrown: unknown) => void;
}

export class Wishes {
  readonly #deps: WishesDeps;
  readonly #rows: Rows<StoredWish>;
  readonly #rounds: Rounds;
  readonly #looking = new Map<string, { readonly state: SearchState; readonly noted: Promise<void> }>();

  constructor(deps: WishesDeps, rows: readonly LibraryRow[]) {
    this.#deps = deps;
    this.#rows = new Rows(deps.libraryStore, rows, 'wish', StoredWishSchema, MAX_WISHES);
    this.#rounds = new Rounds(deps);
    for (const { id } of this.#rows.list()) this.#keepLooking(id, LOOK_FIRST_MS);
  }

  /** Newest first. */
  list(): Wish[] {
    return this.#rows
      .list()
      .map(shown)
      .sort((a, b) => b.createdMs - a.createdMs);
  }

  /** The same query, however it is spelt, is the same wish. */
  async add(text: string, notify = true): Promise<Wish> {
    const spelling = formatQuery(queryFromText(text));
    const alike = this.#rows.list().find(({ query }) => formatQuery(queryFromText(query)) === spelling);
    if (alike !== undefined) return this.change(alike.id, notify);
    const { clock, random } = this.#deps;
    const wish: StoredWish = {
      id: toHex(random.bytes(12)),
      query: text.trim().replace(/\s+/gu, ' '),
      createdMs: clock.now(),
      ...{ fresh: 0, found: 0, notify, known: [], results: [] },
    };
    await this.#rows.put(wish.id, wish);
    this.#keepLooking(wish.id, LOOK_FIRST_MS);
    this.#deps.changed();
    return shown(wish);
  }

  async change(id: string, notify: boolean): Promise<Wish> {
    const wish = { ...this.#get(id), notify };
    await this.#rows.put(id, wish);
    this.#deps.changed();
    return shown(wish);
  }

  /** One that is not there is no error. */
  async remove(id: string): Promise<void> {
    this.#rounds.delete(id);
    await this.#rows.remove(id);
    this.#deps.changed();
  }

  results(id: string): Result[] {
    return this.#get(id).results;
  }

  async seen(id: string): Promise<void> {
    const wish = this.#get(id);
    if (wish.fresh === 0) return;
    await this.#rows.put(id, { ...wish, fresh: 0 });
    this.#deps.changed();
  }

  /** Looks at once, and tells how it goes; one that looks already goes on. */
  look(id: string): SearchState {
    this.#get(id);
    const running = this.#looking.get(id);
    return (running ?? this.#look(id, true)).state;
  }

  async close(): Promise<void> {
    const rounds = this.#rounds.close();
    await Promise.all([...this.#looking.values()].map(({ noted }) => noted));
    await rounds;
    await this.#rows.close();
  }

  #get(id: string): StoredWish {
    const wish = this.#rows.get(id);
    if (wish === undefined)
      throw new BroadsideError('not-found', 'There is no such wish. List them to see what there is.');
    return wish;
  }

  #keepLooking(id: string, firstMs: number): void {
    this.#rounds.set(id, firstMs, LOOK_EVERY_MS, async () => {
      if (this.#rows.get(id) === undefined) return;
      await (this.#looking.get(id) ?? this.#look(id, false)).noted;
    });
  }

  #look(id: string, isTold: boolean): { readonly state: SearchState; readonly noted: Promise<void> } {
    const { searches, onDefect } = this.#deps;
    const { query } = this.#get(id);
    const { state, found } = searches.forWish(id, query, { wanted: WANTED, timeoutMs: TIMEOUT_MS, isTold });
    const noted = found
      .then(({ state: ended, results }) => this.#note(id, ended, results))
      .catch(onDefect)
      .finally(() => this.#looking.delete(id));
    const looking = { state, noted };
    this.#looking.set(id, looking);
    return looking;
  }

  async #note(id: string, state: SearchState, results: readonly Result[]): Promise<void> {
    const wish = this.#rows.get(id);
    if (wish === undefined) return;
    const known = new Set(wish.known);
    const news = results.filter((result) => !known.has(result.id));
    // A search that asked nobody is none.
    const lastMs = state.end === 'no-hubs' ? wish.lastMs : this.#deps.clock.now();
    if (news.length === 0 && lastMs === wish.lastMs) return;
    const next: StoredWish = {
      ...wish,
      ...(lastMs !== undefined && { lastMs }),
      fresh: wish.fresh + news.length,
      found: Math.min(MAX_KEPT_RESULTS, (wish.found ?? 0) + news.length),
      // The newest stay known.
      known: [...news.map((result) => result.id), ...wish.known].slice(0, MAX_KNOWN_RESULTS),
      results: [...news, ...wish.results].slice(0, MAX_KEPT_RESULTS),
    };
    await this.#rows.put(id, next);
    this.#deps.changed();
    if (news.length > 0 && wish.notify) this.#deps.onFound(shown(next));
  }
}

function shown(stored: StoredWish): Wish {
  const { known: _, results: __, ...wish } = stored;
  return wish;
}
