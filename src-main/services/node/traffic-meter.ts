import type { TrafficSample } from '../../../shared/ipc/model.ts';
import type { Clock } from '../jobs/clock.ts';

/** One sample in ten seconds for an hour: what Network draws. */
const SAMPLE_MS = 10_000;
const MAX_SAMPLES = 360;
/** Rates shown as "now" are over the last whole second or more. */
const RATE_MS = 1_000;

interface Totals {
  readonly inBytes: number;
  readonly outBytes: number;
}

/** Turns running totals into rates: the present one, and an hour of samples. */
export class TrafficMeter {
  readonly #clock: Clock;
  readonly #totals: () => Totals;
  readonly #samples: TrafficSample[] = [];
  #last: Totals & { atMs: number };
  #now: Totals & { atMs: number };
  #rate: Totals = { inBytes: 0, outBytes: 0 };
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, totals: () => Totals) {
    this.#clock = clock;
    this.#totals = totals;
    this.#last = { ...totals(), atMs: clock.monotonicMs() };
    this.#now = this.#last;
  }

  start(): void {
    this.#cancel ??= this.#clock.after(SAMPLE_MS, () => {
      this.#cancel = undefined;
      this.#sample();
      this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  history(): readonly TrafficSample[] {
    return this.#samples;
  }

  /** Bytes a second since the last call that was at least a second ago. */
  rate(): Totals {
    const atMs = this.#clock.monotonicMs();
    const elapsedMs = atMs - this.#now.atMs;
    if (elapsedMs >= RATE_MS) {
      const totals = this.#totals();
      this.#rate = perSecond(this.#now, totals, elapsedMs);
      this.#now = { ...totals, atMs };
    }
    return this.#rate;
  }

  #sample(): void {
    const atMs = this.#clock.monotonicMs();
    const totals = this.#totals();
    const rate = perSecond(this.#last, totals, atMs - this.#last.atMs);
    this.#last = { ...totals, atMs };
    this.#samples.push({
      atMs: this.#clock.now(),
      inBytesPerSecond: rate.inBytes,
      outBytesPerSecond: rate.outBytes,
    });
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift();
  }
}

function perSecond(before: Totals, after: Totals, elapsedMs: number): Totals {
  if (elapsedMs <= 0) return { inBytes: 0, outBytes: 0 };
  return {
    inBytes: ((after.inBytes - before.inBytes) * 1000) / elapsedMs,
    outBytes: ((after.outBytes - before.outBytes) * 1000) / elapsedMs,
  };
}
