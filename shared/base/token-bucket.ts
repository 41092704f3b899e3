/**
 * A limit in bytes, or in anything else that is counted, a second. What is taken may exceed what is there by one message; the debt
 * is paid before the next. Time is passed in, in milliseconds of a monotonic clock.
 */

/** An eighth of a second may be saved up: timers are no finer than some milliseconds. */
const SAVED_SECONDS = 1 / 8;

export class TokenBucket {
  #bytesPerSecond: number;
  #tokens = 0;
  #filledAtMs: number;
  readonly #savedSeconds: number;

  /** `bytesPerSecond` 0 means no limit. `savedSeconds`: what of it may be saved up. */
  constructor(bytesPerSecond: number, nowMs: number, savedSeconds = SAVED_SECONDS) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#savedSeconds = savedSeconds;
    this.#filledAtMs = nowMs;
    this.#tokens = this.#capacity();
  }

  get limited(): boolean {
    return this.#bytesPerSecond > 0;
  }

  get bytesPerSecond(): number {
    return this.#bytesPerSecond;
  }

  /** A new limit, from now on; savings and debts made under the old one are dropped. */
  setLimit(bytesPerSecond: number, nowMs: number): void {
    if (bytesPerSecond === this.#bytesPerSecond) return;
    this.#bytesPerSecond = bytesPerSecond;
    this.#filledAtMs = nowMs;
    this.#tokens = this.#capacity();
  }

  /** True when something may be sent now. */
  allows(nowMs: number): boolean {
    if (!this.limited) return true;
    this.#fill(nowMs);
    return this.#tokens > 0;
  }

  take(bytes: number, nowMs: number): void {
    if (!this.limited) return;
    this.#fill(nowMs);
    this.#tokens -= bytes;
  }

  /** What was taken and is not used after all. */
  giveBack(bytes: number): void {
    if (this.limited) this.#tokens = Math.min(this.#capacity(), this.#tokens + bytes);
  }

  /** Milliseconds until `allows` is true; 0 when it is. */
  waitMs(nowMs: number): number {
    if (this.allows(nowMs)) return 0;
    return Math.ceil((1 - this.#tokens) / (this.#bytesPerSecond / 1_000));
  }

  #fill(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.#filledAtMs);
    this.#filledAtMs = nowMs;
    this.#tokens = Math.min(this.#capacity(), this.#tokens + (elapsedMs * this.#bytesPerSecond) / 1_000);
  }

  #capacity(): number {
    return this.#bytesPerSecond * this.#savedSeconds;
  }
}
