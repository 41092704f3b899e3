import { MAX_RECENT_IDS, RECENT_ID_MS } from '../limits.ts';

/** Message ids seen lately, for refusing loops and duplicates. Bounded: at the bound the oldest is forgotten. */
export class RecentIds {
  /** Insertion order is age. */
  readonly #seenAtMs = new Map<string, number>();

  has(id: string, nowMs: number): boolean {
    const seen = this.#seenAtMs.get(id);
    return seen !== undefined && nowMs - seen < RECENT_ID_MS;
  }

  add(id: string, nowMs: number): void {
    this.#seenAtMs.delete(id);
    this.#seenAtMs.set(id, nowMs);
    for (const [oldest, seen] of this.#seenAtMs) {
      if (this.#seenAtMs.size <= MAX_RECENT_IDS && nowMs - seen < RECENT_ID_MS) break;
      this.#seenAtMs.delete(oldest);
    }
  }

  get size(): number {
    return this.#seenAtMs.size;
  }
}
