/**
 * How much work a node asks for before it stores what others insert (stamps.ts): the network's base while what comes in
 * would take longer than a day to fill its quota, and a bit more for each doubling beyond (protocol, section 3).
 */
import { MAX_ADDED_STAMP_BITS, MAX_STAMP_BITS } from '../limits.ts';

const DAY_MS = 24 * 60 * 60_000;
/** What was stored an hour ago counts 1/e: a publication of a GiB is over by then, a flood is not. Guess. */
const MEMORY_MS = 60 * 60_000;
/** A bit that was added stays until the rate is half a doubling below what added it, so that it does not come and go. Guess. */
const HYSTERESIS_BITS = 0.5;

export class StampDemand {
  readonly #baseBits: number;
  readonly #quotaBytes: () => number;
  /** Bytes of the last hour, each weighted by its age, as of `#atMs`. */
  #recentBytes = 0;
  #atMs = 0;
  #addedBits = 0;

  constructor(baseBits: number, quotaBytes: () => number) {
    this.#baseBits = baseBits;
    this.#quotaBytes = quotaBytes;
  }

  onStored(bytes: number, nowMs: number): void {
    // First the bits that have fallen since, as if somebody had asked for them just before.
    this.#settle(nowMs);
    this.#recentBytes = this.#recentBytesAt(nowMs) + bytes;
    this.#atMs = nowMs;
    this.#settle(nowMs);
  }

  /** Does not depend on how often it is asked. */
  bits(nowMs: number): number {
    this.#settle(nowMs);
    return Math.min(this.#baseBits + this.#addedBits, MAX_STAMP_BITS);
  }

  #recentBytesAt(nowMs: number): number {
    return this.#recentBytes * Math.exp(-(nowMs - this.#atMs) / MEMORY_MS);
  }

  #settle(nowMs: number): void {
    const bytesOfDay = this.#recentBytesAt(nowMs) * (DAY_MS / MEMORY_MS);
    const doublings = bytesOfDay === 0 ? 0 : Math.log2(bytesOfDay / this.#quotaBytes());
    while (this.#addedBits < MAX_ADDED_STAMP_BITS && doublings >= this.#addedBits + 1) this.#addedBits += 1;
    while (this.#addedBits > 0 && doublings < this.#addedBits - HYSTERESIS_BITS) this.#addedBits -= 1;
  }
}
