/** How far work on blocks runs ahead: of who consumes them when reading, of the network when publishing. */
import { cancelled } from './waiting.ts';

/** Blocks asked for and not yet consumed: 64 x 32 KiB = 2 MiB, the bandwidth-delay product of 20 MB/s at 100 ms. */
export const MAX_WINDOW = 64;
/** The window never shrinks below this, or a slow link would read one block a round trip. Guess. */
export const MIN_WINDOW = 4;
/** Half a MiB: what a page with its pictures takes. Guess. */
export const FIRST_WINDOW = 16;

/**
 * How many blocks may be held at once: grows by one with each block that came at once, halves when the network is busy
 * (additive increase, multiplicative decrease, as TCP). First come, first served.
 */
export class Window {
  #size = FIRST_WINDOW;
  #held = 0;
  /** Blocks since it shrank: one burst of refusals is one sign, however many blocks it hits. */
  #sinceShrunk = MAX_WINDOW;
  readonly #waiting: (() => void)[] = [];

  get size(): number {
    return Math.floor(this.#size);
  }

  get held(): number {
    return this.#held;
  }

  /** Resolves when there is room; rejects with the signal's reason. Every place taken is to be given back. */
  take(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(cancelled(signal));
    if (this.tryTake()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener('abort', leave);
        this.#held += 1;
        resolve();
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(cancelled(signal));
      };
      this.#waiting.push(enter);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** Takes a place if there is one now and nobody waits for it. */
  tryTake(): boolean {
    if (this.#waiting.length > 0 || this.#held >= this.size) return false;
    this.#held += 1;
    return true;
  }

  give(): void {
    this.#held -= 1;
    this.#admit();
  }

  grow(): void {
    this.#size = Math.min(MAX_WINDOW, this.#size + 1);
    this.#sinceShrunk += 1;
    this.#admit();
  }

  shrink(): void {
    if (this.#sinceShrunk < this.size) return;
    this.#size = Math.max(MIN_WINDOW, this.#size / 2);
    this.#sinceShrunk = 0;
  }

  #admit(): void {
    while (this.#held < this.size && this.#waiting.length > 0) this.#waiting.shift()!();
  }
}
