import { WINDOW_MAX, WINDOW_MIN, WINDOW_START } from '../limits.ts';

/**
 * Messages of one priority that may wait for an answer of one neighbour: additive increase, multiplicative decrease, as
 * TCP congestion avoidance (RFC 5681): one more for a window of answers, x 0.7 for a refusal or silence.
 */
export class Window {
  #waiting = 0;
  #size = WINDOW_START;

  get hasRoom(): boolean {
    return this.#waiting < this.#size;
  }

  /** Messages that it takes before it is full. */
  get room(): number {
    return Math.max(0, Math.ceil(this.#size - this.#waiting));
  }

  onSent(): void {
    this.#waiting += 1;
  }

  onAnswered(): void {
    this.#waiting -= 1;
    this.#size = Math.min(WINDOW_MAX, this.#size + 1 / this.#size);
  }

  /** Refused or silent. */
  onFailed(): void {
    this.#waiting -= 1;
    this.#size = Math.max(WINDOW_MIN, this.#size * 0.7);
  }

  /** What was sent waits in queues. */
  onSlow(): void {
    this.#size = Math.max(WINDOW_MIN, this.#size * 0.7);
  }

  /** Withdrawn, through no fault of the neighbour. */
  onWithdrawn(): void {
    this.#waiting -= 1;
  }
}
