/**
 * When a block has taken so long that others are asked for in its place ("The Tail at Scale", Dean and Barroso, 2013): longer
 * than nearly all of the latest ones took, and not so often that a network that is slow altogether is asked for more.
 */

/** Of which the latest answers are kept. */
const KEPT_ANSWERS = 256;
/** Fewer tell nothing of a tail. */
const LEAST_ANSWERS = 32;
/** Part of the answers that are quicker. */
const QUANTILE = 0.95;
/** Before enough is known; as for slots (slot-requests.ts). */
export const FIRST_HEDGE_MS = 1_500;
/** What is quicker is worth no second request. Guess. */
export const LEAST_HEDGE_MS = 250;
/** Fetches for each that is made in place of a slow one: one in twenty, as the paper has it. */
export const FETCHES_A_HEDGE = 20;
/** Saved up at the beginning: a first page has few blocks, and any of them may be slow. Guess. */
const FIRST_SAVED = 4;
/** Saved up at most: a large file after some time without slow blocks. Guess. */
const MAX_SAVED = 16;

export class Hedging {
  readonly #enabled: boolean;
  readonly #answersMs: number[] = [];
  #next = 0;
  #saved = FIRST_SAVED;
  /** Answers until a network that refused something counts as willing again. */
  #unwilling = 0;
  /** Times that others were asked for. */
  count = 0;

  constructor(enabled = true) {
    this.#enabled = enabled;
  }

  /** A block came after so long. */
  note(afterMs: number): void {
    this.#answersMs[this.#next] = afterMs;
    this.#next = (this.#next + 1) % KEPT_ANSWERS;
    this.#unwilling = Math.max(0, this.#unwilling - 1);
    this.#saved = Math.min(MAX_SAVED, this.#saved + 1 / FETCHES_A_HEDGE);
  }

  /** The network was busy or had no way: who waits for it then waits for its turn, and asks for nothing more. */
  refused(): void {
    this.#unwilling = FETCHES_A_HEDGE;
  }

  get isOff(): boolean {
    return !this.#enabled || this.#unwilling > 0;
  }

  /** How long a block may take. */
  afterMs(): number {
    if (this.isOff) return Number.POSITIVE_INFINITY;
    const count = this.#answersMs.length;
    if (count < LEAST_ANSWERS) return FIRST_HEDGE_MS;
    const sorted = this.#answersMs.toSorted((a, b) => a - b);
    return Math.max(LEAST_HEDGE_MS, sorted[Math.floor(count * QUANTILE)]!);
  }

  /** Whether others may be asked for now. `fetches`: more than would be made otherwise. */
  take(fetches: number): boolean {
    if (this.isOff || this.#saved < fetches) return false;
    this.#saved -= fetches;
    this.count += 1;
    return true;
  }
}
