/**
 * Lets a node's own bulk messages go by a clock, a little slower than answers come. Were each let go by the answer to
 * another, a node that passes both on could tell by the time between them that they have one origin, and how far away it
 * is (Hopper et al. 2010, "How much anonymity does network latency leak?"; docs/THREATS.md, the estimator "timing").
 *
 * The rate follows how much waits for the clock, of all that waits or is under way: where that is much, the clock is too
 * slow and gets faster soon; where it is little, faster by and by; where nothing is left at a tick, answers are waited for,
 * and it falls below them. What is seen of the answers is so spread over quarters of a second.
 *
 * What the way takes now (the window of the neighbour that own messages begin with) bounds what goes. A message for which it
 * has no room would ask for it again and again, later each time, and go by the answer to another; so what waits beyond that
 * room is not the clock's to let go, and where the way is full at a tick, answers are waited for as well.
 */
import type { Clock } from '../jobs/clock.ts';

/** Short against the way to a neighbour and back, long against what a timer costs. */
const TICK_MS = 10;
/** The rate is looked at so often, in ticks. */
const PERIOD_TICKS = 25;
/** Messages a second: 6 MiB/s at first, 640 MiB/s at most. */
const FIRST_RATE = 200;
const LEAST_RATE = 4;
const MOST_RATE = 20_000;
/** A period at which no tick found less than this part waiting for the clock: it is too slow by far, or by much. Guess. */
const FAR_TOO_SLOW = { waiting: 0.5, rise: 1.5 } as const;
const TOO_SLOW = { waiting: 0.25, rise: 1.1 } as const;
/** Else, for each period since a tick found nothing: 0.5 %, then 1 %, then 1.5 %. What it costs: test/unit/services/bulk-clock. */
const RISE = 0.005;
const FALL = 0.95;
/** Weight of the latest period in the mean of answers, as TCP's of a round trip: some two seconds. */
const LATEST = 1 / 8;

export class BulkClock {
  readonly #clock: Clock;
  readonly #room: () => number | undefined;
  readonly #waiting = new Set<() => void>();
  #rate = FIRST_RATE;
  /** That of the last period in which something waited at every tick: what the next work begins with. */
  #fedRate = FIRST_RATE;
  #underway = 0;
  /** Messages that may go at the next tick; a fraction is kept. */
  #credit = 0;
  #isTicking = false;
  #tickedMs = 0;
  /** In a row, in which something waited at every tick. */
  #fedPeriods = 0;
  #ticks = 0;
  #isStarved = false;
  #leastWaiting = 1;
  #released = 0;
  #answers = 0;
  /** A second, smoothed. */
  #answeredRate = 0;
  #periodMs = 0;

  /** `room`: messages that the way takes now; undefined or infinite where nothing bounds them. */
  constructor(clock: Clock, room: () => number | undefined = () => undefined) {
    this.#clock = clock;
    this.#room = room;
  }

  /** Messages a second, as it is now. */
  get rate(): number {
    return this.#rate;
  }

  /**
   * Calls `go` when it is its turn; first come, first served. `ended` is to be called once for each that went. The function
   * returned takes it out again before it went.
   */
  wait(go: () => void): () => void {
    const turn = (): void => go();
    this.#waiting.add(turn);
    this.#start();
    return () => this.#waiting.delete(turn);
  }

  /** A message that went has its answer, or will have none. */
  ended(): void {
    this.#underway -= 1;
    this.#answers += 1;
  }

  #start(): void {
    if (this.#isTicking) return;
    this.#isTicking = true;
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
    let room = this.#roomNow();
    while (this.#credit >= 1 && room >= 1) {
      const [go] = this.#waiting;
      if (go === undefined) break;
      this.#waiting.delete(go);
      this.#credit -= 1;
      room -= 1;
      this.#released += 1;
      this.#underway += 1;
      go();
    }
    const isStarved = this.#credit >= 1;
    if (isStarved) this.#credit = 0;
    if (this.#waiting.size === 0 && this.#underway === 0) {
      // The work has ended: that nothing was left to send towards its end says nothing about the answers.
      this.#rate = this.#fedRate;
      this.#isTicking = false;
      return;
    }
    this.#isStarved ||= isStarved;
    const held = Math.min(room, this.#waiting.size);
    this.#leastWaiting = Math.min(this.#leastWaiting, held / Math.max(1, held + this.#underway));
    this.#ticks += 1;
    if (this.#ticks >= PERIOD_TICKS) this.#judge(nowMs);
    this.#clock.after(TICK_MS, () => this.#tick());
  }

  /** With nothing under way one goes whatever the way says: it ends some time, and tells how. */
  #roomNow(): number {
    const room = this.#room() ?? Number.POSITIVE_INFINITY;
    return this.#underway === 0 ? Math.max(1, room) : room;
  }

  #judge(nowMs: number): void {
    const seconds = Math.max(TICK_MS, nowMs - this.#periodMs) / 1_000;
    this.#answeredRate += (this.#answers / seconds - this.#answeredRate) * LATEST;
    if (this.#isStarved) this.#fall(this.#released / seconds);
    else this.#rise();
    this.#beginPeriod();
  }

  #rise(): void {
    this.#fedPeriods += 1;
    this.#fedRate = this.#rate;
    const waiting = this.#leastWaiting;
    const { rise } = [FAR_TOO_SLOW, TOO_SLOW].find((much) => waiting >= much.waiting) ?? {
      rise: 1 + RISE * this.#fedPeriods,
    };
    this.#rate = Math.min(MOST_RATE, this.#rate * rise);
  }

  /**
   * Below what went, or what is answered in the mean where that is more, for answers come in bursts; and not more than to a
   * half at once: they may only be on their way.
   */
  #fall(releasedRate: number): void {
    this.#fedPeriods = 0;
    const allowed = Math.max(releasedRate, this.#answeredRate);
    this.#rate = Math.max(LEAST_RATE, this.#rate / 2, FALL * Math.min(this.#rate, allowed));
  }

  #beginPeriod(): void {
    this.#ticks = 0;
    this.#isStarved = false;
    this.#leastWaiting = 1;
    this.#released = 0;
    this.#answers = 0;
    this.#periodMs = this.#clock.monotonicMs();
  }
}
