/**
 * Says when nobody has done anything for as long as a person chose. What counts is what people do, and not what windows ask for by
 * themselves: windows and commands tell it by a call of its own (`lock.active`). Nothing runs while it is off.
 */
import type { Clock } from '../jobs/clock.ts';

/** How often it is looked at most rarely: timers stand still while a machine sleeps, and a person who wakes it finds it locked. Guess. */
const LOOK_MS = 15_000;

/** What the setting says; undefined for off. */
export function lockAfterMs(minutes: string): number | undefined {
  return minutes === 'off' ? undefined : Number(minutes) * 60_000;
}

export interface IdleDeps {
  readonly clock: Clock;
  /** Undefined: never. */
  readonly afterMs: () => number | undefined;
  readonly onIdle: () => void;
}

export class IdleWatch {
  readonly #deps: IdleDeps;
  #isWatching = false;
  #actedMs = 0;
  #actedWallMs = 0;
  #cancel: (() => void) | undefined;

  constructor(deps: IdleDeps) {
    this.#deps = deps;
  }

  /** From now on, as after an action. */
  begin(): void {
    this.#isWatching = true;
    this.acted();
    this.#plan();
  }

  end(): void {
    this.#isWatching = false;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** A person did something. */
  acted(): void {
    this.#actedMs = this.#deps.clock.monotonicMs();
    this.#actedWallMs = this.#deps.clock.now();
  }

  /** The time was chosen anew, which is an action. */
  changed(): void {
    if (this.#isWatching) this.begin();
  }

  #plan(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const { clock, afterMs, onIdle } = this.#deps;
    const limitMs = afterMs();
    if (limitMs === undefined) return;
    // The clock of a machine that slept may not have gone on; that on the wall has. Set forwards, it locks too early, which is safe.
    const idleMs = Math.max(clock.monotonicMs() - this.#actedMs, clock.now() - this.#actedWallMs);
    if (idleMs >= limitMs) {
      this.end();
      onIdle();
      return;
    }
    this.#cancel = clock.after(Math.min(limitMs - idleMs, LOOK_MS), () => this.#plan());
  }
}
