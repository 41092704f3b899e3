/**
 * Lets writes that come close after each other share a commit. A commit of one record costs the processor four times what
 * its part in a commit of thirty does (threads are woken, pages of the trees written, the disk synced), and a node that is
 * one of many on the way of a publication gets a record every ten or twenty milliseconds: each would be a commit of its own.
 *
 * A write waits while the next may be expected, by how far apart they came lately. So writes that come now and then go at
 * once, and a few callers who wait for each write before the next do not wait for nothing: all of theirs have come soon.
 */

/** Longest that a write waits for others. Twice in an insert: at its sink, and where the copies are. */
export const GATHER_MS = 50;
/** 1 MiB of records: more gain nothing by waiting. */
export const MAX_GATHERED = 32;
/** The next is waited for this many times as long as they came apart in the mean: of those that come by chance, 95 % come. */
const PATIENCE = 3;
/** Weight of the latest gap in the mean, as TCP's of a round trip. */
const LATEST = 1 / 8;
/** A gap counts for this at most, and at first: some fifteen writes after it go at once, more than a page's. */
const IDLE_MS = 250;
/** So many in a row that waited alone are one caller who waits for each; so many of his then go at once. */
const MOST_IN_VAIN = 3;
const WRITES_AFTER_VAIN = 64;

export class WriteGatherer {
  readonly #nowMs: () => number;
  /** Runs it after so long; the function returned prevents it. */
  readonly #after: (delayMs: number, action: () => void) => () => void;
  #waiting: (() => void)[] = [];
  #cancel: (() => void) | undefined;
  #firstMs = 0;
  #lastMs = Number.NEGATIVE_INFINITY;
  #meanGapMs = IDLE_MS;
  #inVain = 0;
  #goAtOnce = 0;

  constructor(nowMs: () => number, after: (delayMs: number, action: () => void) => () => void) {
    this.#nowMs = nowMs;
    this.#after = after;
  }

  /** Writes that wait for others. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Calls `write` now or at most GATHER_MS later, in the order of coming. */
  add(write: () => void): void {
    const nowMs = this.#nowMs();
    this.#meanGapMs += LATEST * (Math.min(IDLE_MS, nowMs - this.#lastMs) - this.#meanGapMs);
    this.#lastMs = nowMs;
    if (this.#waiting.length === 0 && (this.#meanGapMs > GATHER_MS || this.#goAtOnce > 0)) {
      this.#goAtOnce = Math.max(0, this.#goAtOnce - 1);
      write();
      return;
    }
    if (this.#waiting.length === 0) this.#firstMs = nowMs;
    this.#waiting.push(write);
    this.#cancel?.();
    if (this.#waiting.length >= MAX_GATHERED) this.flush();
    else this.#cancel = this.#after(this.#leftMs(nowMs), () => this.#due());
  }

  /** Nobody waits any longer: before anything else that changes or counts what is stored. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const writes = this.#waiting;
    this.#waiting = [];
    for (const write of writes) write();
  }

  #due(): void {
    this.#inVain = this.#waiting.length === 1 ? this.#inVain + 1 : 0;
    if (this.#inVain === MOST_IN_VAIN) {
      this.#inVain = 0;
      this.#goAtOnce = WRITES_AFTER_VAIN;
    }
    this.flush();
  }

  /** How much longer the next is worth waiting for; timers know whole milliseconds. */
  #leftMs(nowMs: number): number {
    return Math.max(0, Math.ceil(Math.min(PATIENCE * this.#meanGapMs, this.#firstMs + GATHER_MS - nowMs)));
  }
}
