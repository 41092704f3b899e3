/**
 * How much a source may have in flight: twice its bandwidth-delay product, from the rate at which it delivers and the least
 * round trip (Cardwell et al., BBR, ACM Queue 14(5), 2016, "Characterizing the bottleneck"). While the window holds the rate back
 * this doubles it each round trip; when the line does, it stays.
 */

/** What a chunk's answer is measured against: the state when it was asked for. */
export interface Sent {
  readonly atMs: number;
  readonly deliveredBytes: number;
  readonly deliveredAtMs: number;
  /** Nothing else was in flight: its first part tells a round trip without a queue of our own. */
  readonly wasIdle: boolean;
}

/** How long a sample counts. */
const RATE_SPAN_MS = 2_000;
const ROUND_TRIP_SPAN_MS = 30_000;
/** Round trips below this are the timer's own steps, not the line's. */
const LEAST_ROUND_TRIP_MS = 0.5;
/** A rate over less time than this is noise: two chunks that came in one packet train. */
const LEAST_SAMPLE_MS = 1;

/** The largest, or the least, of the samples of a span: kept as a monotone queue. */
class Extreme {
  readonly #spanMs: number;
  readonly #isBetter: (a: number, b: number) => boolean;
  readonly #samples: { readonly atMs: number; readonly value: number }[] = [];

  constructor(spanMs: number, isBetter: (a: number, b: number) => boolean) {
    this.#spanMs = spanMs;
    this.#isBetter = isBetter;
  }

  add(value: number, nowMs: number): void {
    while (this.#samples.length > 0 && !this.#isBetter(this.#samples.at(-1)!.value, value)) this.#samples.pop();
    this.#samples.push({ atMs: nowMs, value });
  }

  /** The last sample stands however old it is: no news is no change. */
  best(nowMs: number): number | undefined {
    while (this.#samples.length > 1 && this.#samples[0]!.atMs < nowMs - this.#spanMs) this.#samples.shift();
    return this.#samples[0]?.value;
  }
}

export class Delivery {
  readonly #rates = new Extreme(RATE_SPAN_MS, (a, b) => a > b);
  readonly #roundTrips = new Extreme(ROUND_TRIP_SPAN_MS, (a, b) => a < b);
  #deliveredBytes = 0;
  #deliveredAtMs: number;

  constructor(nowMs: number) {
    this.#deliveredAtMs = nowMs;
  }

  get deliveredBytes(): number {
    return this.#deliveredBytes;
  }

  /** When something came last. */
  get deliveredAtMs(): number {
    return this.#deliveredAtMs;
  }

  sent(nowMs: number, inFlightBytes: number): Sent {
    // A pause between two requests is not the line's: the clock of the rate begins anew.
    if (inFlightBytes === 0) this.#deliveredAtMs = nowMs;
    return {
      atMs: nowMs,
      deliveredBytes: this.#deliveredBytes,
      deliveredAtMs: this.#deliveredAtMs,
      wasIdle: inFlightBytes === 0,
    };
  }

  /** A round trip that was measured. */
  roundTrip(ms: number, nowMs: number): void {
    this.#roundTrips.add(Math.max(LEAST_ROUND_TRIP_MS, ms), nowMs);
  }

  arrived(bytes: number, nowMs: number): void {
    this.#deliveredBytes += bytes;
    this.#deliveredAtMs = nowMs;
  }

  /** The last byte of what was asked for then came. */
  completed(sent: Sent, nowMs: number): void {
    const tookMs = nowMs - sent.deliveredAtMs;
    if (tookMs < LEAST_SAMPLE_MS) return;
    this.#rates.add((this.#deliveredBytes - sent.deliveredBytes) / tookMs, nowMs);
  }

  /** Undefined until something was measured. */
  bytesPerSecond(nowMs: number): number | undefined {
    const rate = this.#rates.best(nowMs);
    return rate === undefined ? undefined : rate * 1_000;
  }

  roundTripMs(nowMs: number): number | undefined {
    return this.#roundTrips.best(nowMs);
  }

  /** Bytes that may be in flight; 0 while nothing is known, and the least of the caller counts. */
  windowBytes(nowMs: number): number {
    return 2 * (this.#rates.best(nowMs) ?? 0) * (this.#roundTrips.best(nowMs) ?? 0);
  }
}
