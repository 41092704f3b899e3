import { randomInt } from 'node:crypto';

import { WAITING_PING_MS } from './liveness.ts';

/** Pings a second that are answered; ours come every two seconds at most, on each of two ways. */
const MAX_PINGS_A_SECOND = 20;

/**
 * Numbers and times of a link's pings. Numbers are drawn: who names one has read what was sent to its address, and not only said
 * where it is.
 */
export class Pings {
  #number = 0;
  #sentAtMs: number | undefined;
  #answeredInSecond = 0;
  #second = 0;

  /** The number to ask with. */
  ask(nowMs: number): number {
    this.#number = randomInt(2 ** 32);
    this.#sentAtMs = nowMs;
    return this.#number;
  }

  /** One is on its way, and not overdue: another would have its answer pass for nothing. */
  isWaiting(nowMs: number): boolean {
    return this.#sentAtMs !== undefined && nowMs - this.#sentAtMs < WAITING_PING_MS;
  }

  /** Round trip of the last that was asked, at its first answer; undefined for any other. */
  answered(number: number, nowMs: number): number | undefined {
    if (number !== this.#number || this.#sentAtMs === undefined) return undefined;
    const roundTripMs = nowMs - this.#sentAtMs;
    this.#sentAtMs = undefined;
    return roundTripMs;
  }

  /** False when the other end asks more often than any of ours would. */
  mayAnswer(nowMs: number): boolean {
    const second = Math.floor(nowMs / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#answeredInSecond = 0;
    }
    this.#answeredInSecond += 1;
    return this.#answeredInSecond <= MAX_PINGS_A_SECOND;
  }
}
