import { MAX_PENDING_PAGES } from '../limits.ts';
import type { HashPages, PageAt } from './pages.ts';
import type { Source } from './source.ts';

/** Pages of hashes that were asked for and have not come. */
export class PageAsks {
  readonly #asks = new Map<number, { readonly at: PageAt; readonly source: Source }>();
  readonly #forget: (id: number) => void;

  /** `forget`: the number is free again. */
  constructor(forget: (id: number) => void) {
    this.#forget = forget;
  }

  /** The page that is to be asked for now, for the sake of a chunk: one at a time for each, from the top down. */
  neededFor(pages: HashPages, chunk: number): PageAt | undefined {
    const at = pages.missingFor(chunk);
    if (at === undefined || this.#asks.size >= MAX_PENDING_PAGES) return undefined;
    for (const ask of this.#asks.values()) if (ask.at.level === at.level && ask.at.index === at.index) return undefined;
    return at;
  }

  add(id: number, at: PageAt, source: Source): void {
    this.#asks.set(id, { at, source });
  }

  /** Takes off what was asked of a source under a number; undefined when it was not. */
  take(id: number, source: Source): PageAt | undefined {
    const ask = this.#asks.get(id);
    if (ask?.source !== source) return undefined;
    this.#asks.delete(id);
    this.#forget(id);
    return ask.at;
  }

  owes(source: Source): boolean {
    for (const ask of this.#asks.values()) if (ask.source === source) return true;
    return false;
  }

  /** Nothing is waited for from a source any more; without one, from nobody. */
  drop(source?: Source): void {
    for (const [id, ask] of this.#asks) {
      if (source !== undefined && ask.source !== source) continue;
      this.#asks.delete(id);
      this.#forget(id);
    }
  }
}
