import { BroadsideError } from '../../../shared/base/errors.ts';

/** Ends a download that nobody gives anything for. */
export class Patience {
  readonly #timeoutMs: number;
  readonly #abort = new AbortController();
  readonly #outer: AbortSignal;
  readonly #onOuter = (): void => this.#abort.abort(this.#outer.reason);
  #timer: NodeJS.Timeout | undefined;
  isOver = false;

  constructor(timeoutMs: number, outer: AbortSignal) {
    this.#timeoutMs = timeoutMs;
    this.#outer = outer;
    outer.addEventListener('abort', this.#onOuter, { once: true });
    this.#wait();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether it runs, and whether somebody gives something, or has a queue for us. */
  see(isRunning: boolean, isServed: boolean): void {
    if (isServed) clearTimeout(this.#timer);
    if (isServed) this.#timer = undefined;
    else if (this.#timer === undefined && isRunning) this.#wait();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#onOuter);
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.isOver = true;
      this.#abort.abort(new BroadsideError('cancelled', 'Nobody answered.'));
    }, this.#timeoutMs);
  }
}
