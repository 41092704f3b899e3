import type { TokenBucket } from '../../../shared/base/token-bucket.ts';

/** Who waits for a limit, served in turn as it lets them. Bounded by the number of links. */
export class TurnQueue<Waiter> {
  readonly #bucket: TokenBucket;
  readonly #now: () => number;
  readonly #serve: (waiter: Waiter) => void;
  readonly #waiting = new Set<Waiter>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(bucket: TokenBucket, now: () => number, serve: (waiter: Waiter) => void) {
    this.#bucket = bucket;
    this.#now = now;
    this.#serve = serve;
  }

  add(waiter: Waiter): void {
    this.#waiting.add(waiter);
    this.#schedule();
  }

  delete(waiter: Waiter): void {
    this.#waiting.delete(waiter);
  }

  limitChanged(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.size > 0) this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#stopped) return;
    this.#timer = setTimeout(() => this.#run(), this.#bucket.waitMs(this.#now()));
  }

  #run(): void {
    this.#timer = undefined;
    for (;;) {
      const [waiter] = this.#waiting;
      if (waiter === undefined) return;
      if (!this.#bucket.allows(this.#now())) return this.#schedule();
      this.#waiting.delete(waiter);
      this.#serve(waiter); // comes back at the end when it has more
    }
  }
}
