import { DISTRUST_MS, MAX_DISTRUST_MS, MAX_DISTRUSTED } from '../limits.ts';

/**
 * Keys of nodes that said they had stored what they did not have when they were asked: liars, and stores too small for what
 * they take. For a while their word counts for nothing, longer each time. At the bound the oldest is forgotten.
 */
export class Distrusted {
  readonly #byKey = new Map<string, { readonly waitMs: number; readonly untilMs: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#byKey.size;
  }

  has(key: string): boolean {
    const entry = this.#byKey.get(key);
    return entry !== undefined && this.#now() < entry.untilMs;
  }

  add(key: string): void {
    if (this.has(key)) return;
    const before = this.#byKey.get(key);
    const waitMs = before === undefined ? DISTRUST_MS : Math.min(2 * before.waitMs, MAX_DISTRUST_MS);
    this.#byKey.delete(key);
    this.#byKey.set(key, { waitMs, untilMs: this.#now() + waitMs });
    if (this.#byKey.size > MAX_DISTRUSTED) this.#byKey.delete(this.#byKey.keys().next().value!);
  }
}
