import type { NodeContext } from '../effects.ts';
import { ACCEPT_DELAY_MS } from '../limits.ts';
import type { Timers } from './timers.ts';
import type { Walk } from './walk.ts';

interface AcceptingParts {
  readonly context: NodeContext;
  readonly timers: Timers;
}

/**
 * Says `accepted` of what has no answer after a second. Most walks end before: one queue in the order of their arrival, one
 * timer. Bounded as the walks are.
 */
export class Accepting {
  readonly #parts: AcceptingParts;
  readonly #say: (walk: Walk) => void;
  readonly #unaccepted: { readonly walk: Walk; readonly atMs: number }[] = [];
  #isTimerSet = false;

  constructor(parts: AcceptingParts, say: (walk: Walk) => void) {
    this.#parts = parts;
    this.#say = say;
  }

  add(walk: Walk): void {
    this.#unaccepted.push({ walk, atMs: this.#parts.context.now() + ACCEPT_DELAY_MS });
    this.#setTimer();
  }

  #setTimer(): void {
    if (this.#isTimerSet) return;
    while (this.#unaccepted[0]?.walk.closed === true) this.#unaccepted.shift();
    const first = this.#unaccepted[0];
    if (first === undefined) return;
    this.#isTimerSet = true;
    this.#parts.timers.set(first.atMs, () => {
      this.#isTimerSet = false;
      this.#sayDue();
      this.#setTimer();
    });
  }

  #sayDue(): void {
    const nowMs = this.#parts.context.now();
    for (let first = this.#unaccepted[0]; first !== undefined; first = this.#unaccepted[0]) {
      const { walk, atMs } = first;
      if (!walk.closed && atMs > nowMs) return;
      this.#unaccepted.shift();
      if (walk.closed || walk.saidAccepted) continue;
      walk.saidAccepted = true;
      this.#say(walk);
    }
  }
}
