/**
 * Lets at most `limit` through at once. Of those that wait, who is waited for goes first, else who came first: what runs
 * ahead of a reader never holds up the block that the reader wants now.
 */
export class Gate {
  readonly #limit: number;
  readonly #urgent: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False when the signal aborted first; then `leave` is not to be called. */
  enter(signal?: AbortSignal, isUrgent = false): Promise<boolean> {
    if (signal?.aborted === true) return Promise.resolve(false);
    if (this.#inside < this.#limit) {
      this.#inside += 1;
      return Promise.resolve(true);
    }
    const queue = isUrgent ? this.#urgent : this.#waiting;
    return new Promise((resolve) => {
      const admit = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve(true);
      };
      const onAbort = (): void => {
        queue.splice(queue.indexOf(admit), 1);
        resolve(false);
      };
      queue.push(admit);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  leave(): void {
    const next = this.#urgent.shift() ?? this.#waiting.shift();
    if (next === undefined) this.#inside -= 1;
    else next();
  }
}
