import { MAX_IN_VAIN, RECENT_ID_MS } from '../limits.ts';

/**
 * Addresses that this node itself lately asked for in vain, and how often: each time it goes by another of its successors,
 * for one liar on the way is enough to deny what is there. At the bound the oldest is forgotten.
 */
export class InVain {
  readonly #byAddress = new Map<string, { readonly times: number; readonly atMs: number }>();

  times(address: string, nowMs: number): number {
    const known = this.#byAddress.get(address);
    return known === undefined || nowMs - known.atMs >= RECENT_ID_MS ? 0 : known.times;
  }

  note(address: string, nowMs: number): void {
    const times = this.times(address, nowMs) + 1;
    this.#byAddress.delete(address);
    this.#byAddress.set(address, { times, atMs: nowMs });
    if (this.#byAddress.size > MAX_IN_VAIN) this.#byAddress.delete(this.#byAddress.keys().next().value!);
  }

  clear(address: string): void {
    this.#byAddress.delete(address);
  }

  get size(): number {
    return this.#byAddress.size;
  }
}
