/** Changes of one folder's files on their way to the disk: in order, files that were hashed meanwhile together in one commit. */
import type { SharedChange, ShareStore } from '../../core/ports.ts';

/** Changes that wait while one is written, before who hashes waits, too. */
const MAX_WAITING = 8;
/** Rows of one commit. */
const MAX_TOGETHER = 1_024;

export class SaveQueue {
  readonly #store: ShareStore;
  readonly #folder: number;
  readonly #onFailure: (thrown: unknown) => void;
  #waiting: SharedChange[] = [];
  #running: Promise<void> | undefined;

  constructor(store: ShareStore, folder: number, onFailure: (thrown: unknown) => void) {
    this.#store = store;
    this.#folder = folder;
    this.#onFailure = onFailure;
  }

  add(change: SharedChange): void {
    if (change.put.length + change.moved.length + change.removed.length === 0) return;
    const last = this.#waiting.at(-1);
    // What only adds to what only adds: the order does not matter.
    const isMerged = last !== undefined && isPut(last) && isPut(change) && last.put.length < MAX_TOGETHER;
    if (isMerged) this.#waiting[this.#waiting.length - 1] = { ...last, put: [...last.put, ...change.put] };
    else this.#waiting.push(change);
    this.#running ??= this.#run();
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    while (this.#waiting.length > MAX_WAITING) await this.#running;
  }

  /** Resolves when everything is on disk, or failed. */
  async flush(): Promise<void> {
    await this.#running;
  }

  /** What waits is not wanted any more. */
  async drop(): Promise<void> {
    this.#waiting = [];
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let change = this.#waiting.shift(); change !== undefined; change = this.#waiting.shift()) {
      try {
        await this.#store.change(this.#folder, change);
      } catch (thrown) {
        // It is known in memory, and hashed again after a restart.
        this.#onFailure(thrown);
      }
    }
    this.#running = undefined;
  }
}

function isPut({ moved, removed }: SharedChange): boolean {
  return moved.length + removed.length === 0;
}
