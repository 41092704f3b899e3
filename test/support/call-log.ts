/** Names of calls in the order in which they came, which can be waited for: what a click asks of the node arrives after it. */
import { PAGE_TIMEOUT_MS } from './page.ts';

export class CallLog extends Array<string> {
  readonly #waiting = new Set<() => void>();

  /** Parts of it are plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  override push(...names: string[]): number {
    const length = super.push(...names);
    for (const look of [...this.#waiting]) look();
    return length;
  }

  /** Resolves when `name` was called so often, which may have been before. */
  until(name: string, times = 1): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#waiting.delete(look);
        clearTimeout(timer);
      };
      const look = (): void => {
        if (this.filter((each) => each === name).length < times) return;
        settle();
        resolve();
      };
      const timer = setTimeout(() => {
        settle();
        reject(new Error(`${name} was not called ${times} times; what was: ${[...this].join(', ')}`));
      }, PAGE_TIMEOUT_MS);
      this.#waiting.add(look);
      look();
    });
  }
}
