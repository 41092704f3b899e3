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
/** Messages a second: 6 MiB/s at first, which most lines do not take; 640 MiB/s at most. */
const FIRST_RATE = 200;
const LEAST_RATE = 4;
const MOST_RATE = 20_000;
/** Until a tick finds nothing for the first time, so that a quick line is found in a second or two. */
const FIRST_RISE = 1.5;
/**
 * After that. Of 64 messages under way whose answers jitter by a third, 90 % of what the answers would allow goes out, and 4 %
 * of it because an answer came (test/unit/services/bulk-clock); with 1.01 and 0.85 it were 63 and 1.4 %.
 */
const RISE = 1.02;
const FALL = 0.95;
/** Ticks without anything after which the clock stops until there is something again. */
const IDLE_TICKS = 3;

export class BulkClock {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #rate = FIRST_RATE;
  #isFinding = true;
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
    this.#idleTicks = isStarved && this.#waiting.size === 0 ? this.#idleTicks + 1 : 0;
    if (this.#idleTicks >= IDLE_TICKS) {
      this.#isTicking = false;
      // What was found out before it fell silent counts; silence itself says nothing about the answers.
      if (this.#starved > IDLE_TICKS) this.#fall(nowMs);
      return;
    }
    if (this.#ticks >= PERIOD_TICKS) this.#judge(nowMs);
    this.#clock.after(TICK_MS, () => this.#tick());
  }

  #judge(nowMs: number): void {
    if (this.#starved > 0) this.#fall(nowMs);
    else this.#rate = Math.min(MOST_RATE, this.#rate * (this.#isFinding ? FIRST_RISE : RISE));
    this.#beginPeriod();
  }

  #fall(nowMs: number): void {
    this.#isFinding = false;
    const perSecond = (this.#released * 1_000) / Math.max(TICK_MS, nowMs - this.#periodMs);
    this.#rate = Math.max(LEAST_RATE, FALL * Math.min(this.#rate, perSecond));
  }

  #beginPeriod(): void {
    this.#ticks = 0;
    this.#starved = 0;
    this.#released = 0;
    this.#periodMs = this.#clock.monotonicMs();
  }
}
