/** What was searched for, kept only while the setting says so; one row of the library's store. */
import * as v from 'valibot';
import { PastSearchSchema } from '../../../shared/ipc/search-model.ts';
import type { PastSearch } from '../../../shared/ipc/search-model.ts';
import type { LibraryRow, LibraryStore } from '../../core/ports.ts';
import { Rows } from '../addresses/rows.ts';

/** As far as anybody scrolls back. Guess. */
export const MAX_PAST_SEARCHES = 200;
const KEY = 'all';

export class History {
  readonly #rows: Rows<PastSearch[]>;
  readonly #changed: () => void;

  constructor(store: LibraryStore, rows: readonly LibraryRow[], changed: () => void) {
    this.#rows = new Rows(store, rows, 'past-searches', v.array(PastSearchSchema), 1);
    this.#changed = changed;
  }

  /** Newest first. */
  list(): PastSearch[] {
    return this.#rows.get(KEY) ?? [];
  }

  /** The same query again takes the place of what it was before. */
  async add(past: PastSearch): Promise<void> {
    const others = this.list().filter(({ query }) => query !== past.query);
    await this.#rows.put(KEY, [past, ...others].slice(0, MAX_PAST_SEARCHES));
    this.#changed();
  }

  /** One query, or all of it. */
  async forget(query?: string): Promise<void> {
    const left = query === undefined ? [] : this.list().filter((past) => past.query !== query);
    if (left.length === 0) await this.#rows.remove(KEY);
    else await this.#rows.put(KEY, left);
    this.#changed();
  }

  close(): Promise<void> {
    return this.#rows.close();
  }
}
