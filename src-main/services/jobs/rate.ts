/** How fast something moves, from what it did lately. Says nothing rather than guess. */
import type { Clock } from './clock.ts';

/** What lies further back no longer tells about now. A guess: long enough to bridge one slow block, short enough to follow a change. */
const WINDOW_MS = 8_000;
/** Less than this tells nothing. */
const LEAST_MS = 1_000;
/** Samples closer together than this are merged, so that there are at most WINDOW_MS / SAMPLE_MS + 2 of them. */
const SAMPLE_MS = 250;

interface Sample {
  readonly atMs: number;
  total: number;
}

export class RateEstimator {
  readonly #clock: Clock;
  #samples: Sample[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes the bytes done in all so far; a smaller total than before starts afresh. */
  note(totalBytes: number): void {
    const atMs = this.#clock.monotonicMs();
    const last = this.#samples.at(-1);
    if (last !== undefined && totalBytes < last.total) this.#samples = [];
    const beforeLast = this.#samples.at(-2);
    if (last !== undefined && beforeLast !== undefined && last.atMs - beforeLast.atMs < SAMPLE_MS) {
      // The sample before is near enough in time to stand for the last one.
      this.#samples.pop();
    }
    this.#samples.push({ atMs, total: totalBytes });
    // One sample older than the window stays, as the point to measure from.
    while (this.#samples.length > 2 && this.#samples[1]!.atMs <= atMs - WINDOW_MS) this.#samples.shift();
  }

  /** Bytes a second over the last seconds; undefined while too little is known or nothing moves. */
  bytesPerSecond(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined) return undefined;
    const elapsedMs = this.#clock.monotonicMs() - first.atMs;
    const moved = last.total - first.total;
    if (elapsedMs < LEAST_MS || moved <= 0 || this.#clock.monotonicMs() - last.atMs > WINDOW_MS) return undefined;
    return (moved / elapsedMs) * 1_000;
  }

  /** Rate and time left as fields of a job; each is undefined while unknown. */
  estimate(remainingBytes: number): { bytesPerSecond: number | undefined; secondsLeft: number | undefined } {
    const bytesPerSecond = this.bytesPerSecond();
    return {
      bytesPerSecond,
      secondsLeft: bytesPerSecond === undefined ? undefined : Math.max(0, remainingBytes) / bytesPerSecond,
    };
  }
}
