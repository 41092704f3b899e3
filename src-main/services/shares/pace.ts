/** Keeps reading within a limit that may change while it is waited for. */
import { wait } from '../flow/waiting.ts';
import type { Clock } from '../jobs/clock.ts';

/** A changed limit is noticed within this; what was not used for so long may be caught up with. */
const SLICE_MS = 250;

export class Pace {
  readonly #clock: Clock;
  /** 0: no limit. */
  readonly #bytesPerSecond: () => number;
  /** Taken and not yet due; less than nothing: may be caught up with. */
  #debtBytes = 0;
  #paidMs: number;

  constructor(clock: Clock, bytesPerSecond: () => number) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
    this.#paidMs = clock.monotonicMs();
  }

  /** Waits until so many bytes more are due. Rejects by the signal. */
  async take(sizeBytes: number, signal: AbortSignal): Promise<void> {
    this.#pay();
    this.#debtBytes += sizeBytes;
    for (let limit = this.#pay(); limit > 0 && this.#debtBytes > 0; limit = this.#pay())
      await wait(this.#clock, Math.min(SLICE_MS, (this.#debtBytes / limit) * 1_000), signal);
  }

  /** What became due since the last time; answers the limit. */
  #pay(): number {
    const limit = this.#bytesPerSecond();
    const nowMs = this.#clock.monotonicMs();
    const dueBytes = ((nowMs - this.#paidMs) * limit) / 1_000;
    this.#paidMs = nowMs;
    this.#debtBytes = limit === 0 ? 0 : Math.max(this.#debtBytes - dueBytes, (-limit * SLICE_MS) / 1_000);
    return limit;
  }
}
