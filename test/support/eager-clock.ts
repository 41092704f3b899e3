import type { Clock } from '../../src-main/services/jobs/clock.ts';

/** Turns of the event loop without which nothing that is in memory is left to do. */
const IDLE_TURNS = 25;

/**
 * Virtual time for what waits by itself: the next timer fires once the event loop has had some turns, so that answers that
 * are on their way come first; and no test waits for the clock on the wall.
 */
export class EagerClock implements Clock {
  #nowMs = 1_000_000;
  #timers: { atMs: number; action: () => void }[] = [];
  #pumping = false;
  /** Turns since the last timer was set: who still sets timers is not idle. */
  #turns = 0;

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, action };
    this.#timers.push(timer);
    this.#turns = 0;
    this.#pump();
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    this.#turns = 0;
    const turn = (): void => {
      this.#turns += 1;
      if (this.#timers.length === 0) {
        this.#pumping = false;
        return;
      }
      if (this.#turns >= IDLE_TURNS) {
        this.#turns = 0;
        const next = this.#timers.reduce((first, timer) => (timer.atMs < first.atMs ? timer : first));
        this.#timers = this.#timers.filter((timer) => timer !== next);
        this.#nowMs = Math.max(this.#nowMs, next.atMs);
        next.action();
      }
      setImmediate(turn);
    };
    setImmediate(turn);
  }
}
