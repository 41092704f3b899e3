/**
 * Lets a node's own bulk messages go by a clock, a little slower than answers come. Were each let go by the answer to
 * another, a node that passes both on could tell by the time between them that they have one origin, and how far away it
 * is (Hopper et al. 2010, "How much anonymity does network latency leak?"; docs/THREATS.md, the estimator "timing").
 *
 * The rate follows what is there to send: as long as something waits at every tick, the clock is slower than the answers
 * and what goes out tells nothing of them. It rises slowly until a tick finds nothing, and falls below that.
 */
import type { Clock } from '../jobs/clock.ts';

/** Short against the way to a neighbour and back, long against what a timer costs. */
const TICK_MS = 10;
/** The rate is looked at so often, in ticks. */
const PERIOD_TICKS = 25;
/** Messages a second: 1.6 MiB/s at first; 640 MiB/s at most. */
const FIRST_RATE = 50;
const LEAST_RATE = 4;
const MOST_RATE = 20_000;
/** Until a tick finds nothing for the first time, so that a quick line is found in a second or two. */
const FIRST_RISE = 1.5;
/**
 * After that, for each period since a tick found nothing: 0.5 %, then 1 %, then 1.5 %, so that the end of one publication does not
 * slow the next one for long. Of 64 messages under way whose answers jitter by a third, nine tenths of what the answers would
 * allow goes out, and one in twenty of them because an answer came (test/unit/services/bulk-clock).
 */
const RISE = 0.005;
const FALL = 0.95;
/** Ticks without anything after which the clock stops until there is something again, and finds its rate anew: 5 s. */
const IDLE_TICKS = 500;

export class BulkClock {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #rate = FIRST_RATE;
  #isFinding = true;
  /** In a row, in which something waited at every tick. */
  #fedPeriods = 0;
  /** Messages that may go at the next tick; a fraction is kept. */
  #credit = 0;
  #isTicking = false;
  #tickedMs = 0;
  #idleTicks = 0;
  #ticks = 0;
  #starved = 0;
  #released = 0;
  #periodMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `go` when it is its turn; first come, first served. The function returned takes it out again. */
  wait(go: () => void): () => void {
    const turn = (): void => go();
    this.#waiting.add(turn);
    this.#start();
    return () => this.#waiting.delete(turn);
  }

  #start(): void {
    if (this.#isTicking) return;
    this.#isTicking = true;
    this.#idleTicks = 0;
    this.#tickedMs = this.#clock.monotonicMs();
    this.#beginPeriod();
    this.#clock.after(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs();
    // A tick that comes late, because the machine was busy, lets go what should have gone; not more than a tenth of a second's.
    const elapsedMs = Math.min(10 * TICK_MS, nowMs - this.#tickedMs);
    this.#tickedMs = nowMs;
    this.#credit += (this.#rate * elapsedMs) / 1_000;
    const released = this.#released;
    while (this.#credit >= 1) {
      const [go] = this.#waiting;
      if (go === undefined) break;
      this.#waiting.delete(go);
      this.#credit -= 1;
      this.#released += 1;
      go();
    }
    const isStarved = this.#credit >= 1;
    if (isStarved) this.#credit = 0;
    this.#ticks += 1;
    this.#starved += isStarved ? 1 : 0;
    this.#idleTicks = this.#waiting.size === 0 && this.#released === released ? this.#idleTicks + 1 : 0;
    if (this.#idleTicks >= IDLE_TICKS) {
      this.#isTicking = false;
      this.#isFinding = true;
      this.#rate = Math.max(FIRST_RATE, this.#rate);
      return;
    }
    if (this.#ticks >= PERIOD_TICKS) this.#judge(nowMs);
    this.#clock.after(TICK_MS, () => this.#tick());
  }

  #judge(nowMs: number): void {
    // A period in which nothing went and nothing came says nothing about the answers.
    if (this.#starved === PERIOD_TICKS && this.#released === 0) return this.#beginPeriod();
    if (this.#starved > 0) this.#fall(nowMs);
    else this.#rise();
    this.#beginPeriod();
  }

  #rise(): void {
    this.#fedPeriods += 1;
    const factor = this.#isFinding ? FIRST_RISE : 1 + RISE * this.#fedPeriods;
    this.#rate = Math.min(MOST_RATE, this.#rate * Math.min(factor, FIRST_RISE));
  }

  #fall(nowMs: number): void {
    this.#isFinding = false;
    this.#fedPeriods = 0;
    const perSecond = (this.#released * 1_000) / Math.max(TICK_MS, nowMs - this.#periodMs);
    // The end of a publication looks like answers that are slow: not more than half at once.
    this.#rate = Math.max(LEAST_RATE, this.#rate / 2, FALL * Math.min(this.#rate, perSecond));
  }

  #beginPeriod(): void {
    this.#ticks = 0;
    this.#starved = 0;
    this.#released = 0;
    this.#periodMs = this.#clock.monotonicMs();
  }
}
