import { compareBytes } from '../../../shared/base/bytes.ts';
import { CACHED_SLOT_MS, MAX_CACHED_SLOTS } from '../limits.ts';

interface CachedSlot {
  readonly record: Uint8Array;
  readonly rank: Uint8Array;
  /** When it came from a store, by this node's clock. */
  readonly bornMs: number;
}

/**
 * Slots that passed by: a fallback for when nobody nearer to the address answers. Never on disk, so that a stale
 * edition is gone after minutes and after a restart. Keyed by the address in hexadecimal; the oldest leaves at the bound.
 */
export class SlotCache {
  readonly #slots = new Map<string, CachedSlot>();

  get(address: string, nowMs: number): CachedSlot | undefined {
    const slot = this.#slots.get(address);
    if (slot === undefined) return undefined;
    if (slot.bornMs + CACHED_SLOT_MS > nowMs) return slot;
    this.#slots.delete(address);
    return undefined;
  }

  /** Keeps the higher rank. `ageMs`: how long it has been in caches. */
  put(address: string, record: Uint8Array, rank: Uint8Array, nowMs: number, ageMs: number): void {
    const held = this.get(address, nowMs);
    const bornMs = nowMs - ageMs;
    const order = held === undefined ? -1 : compareBytes(held.rank, rank);
    if (order > 0 || (order === 0 && held!.bornMs >= bornMs)) return;
    this.#slots.delete(address);
    this.#slots.set(address, { record, rank, bornMs });
    if (this.#slots.size > MAX_CACHED_SLOTS) this.#slots.delete(this.#slots.keys().next().value!);
  }

  get size(): number {
    return this.#slots.size;
  }
}
