/**
 * Whose turn it is to load: so many files at once, by priority and then in the order in which they were asked for, or that the person
 * gave them. A turn is not for ever: a file that nobody gives lets the next one begin, and goes on waiting for its sources beside it.
 */
import type { Priority } from '../../../shared/ipc/download-model.ts';
import type { Clock } from '../jobs/clock.ts';

/** A turn that brings nothing is given to the next after so long. Guess: longer than dialling and asking take. */
const IDLE_TURN_MS = 20_000;
const RANKS = { high: 0, normal: 1, low: 2 } as const satisfies Record<Priority, number>;

export interface QueueDeps {
  readonly clock: Clock;
  /** Turns at once; asked for each time. */
  readonly most: () => number;
}

export type Move = 'first' | 'earlier' | 'later' | 'last';

export interface Turn {
  /** Resolves when it may begin; rejects with the signal's reason. */
  readonly ready: Promise<void>;
  /** Whether it brings something now. */
  seen(isLoading: boolean): void;
  /** It is over, however it ended. */
  leave(): void;
}

interface Waiting {
  readonly id: string;
  priority: Priority;
  readonly begin: () => void;
  readonly moved: (place: number) => void;
}

export class DownloadQueue {
  readonly #deps: QueueDeps;
  /** In their order, whatever their priority. */
  #waiting: Waiting[] = [];
  /** Those that have a turn, and what ends it for one that brings nothing. */
  readonly #turns = new Map<string, (() => void) | undefined>();

  constructor(deps: QueueDeps) {
    this.#deps = deps;
  }

  /** `moved` is told its place, from 1, while it waits. */
  enter(id: string, priority: Priority, signal: AbortSignal, moved: (place: number) => void): Turn {
    let leave = (): void => {};
    const ready = new Promise<void>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const onAbort = (): void => {
        leave();
        reject(signal.reason as Error);
      };
      const begin = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      leave = () => {
        this.#waiting = this.#waiting.filter((waiting) => waiting.id !== id);
        this.#end(id);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push({ id, priority, begin, moved });
      return undefined;
    });
    this.go();
    return {
      ready,
      seen: (isLoading) => this.#seen(id, isLoading),
      leave: () => leave(),
    };
  }

  setPriority(id: string, priority: Priority): void {
    for (const waiting of this.#waiting) if (waiting.id === id) waiting.priority = priority;
    this.go();
  }

  /** Among those of its priority. */
  move(id: string, move: Move): void {
    const own = this.#waiting.find((waiting) => waiting.id === id);
    if (own === undefined) return;
    const alike = this.#waiting.filter(({ priority }) => priority === own.priority);
    const from = alike.indexOf(own);
    const to = { first: 0, earlier: from - 1, later: from + 1, last: alike.length - 1 }[move];
    const other = alike[Math.max(0, Math.min(alike.length - 1, to))]!;
    if (other === own) return;
    const rest = this.#waiting.filter((waiting) => waiting !== own);
    rest.splice(rest.indexOf(other) + (to > from ? 1 : 0), 0, own);
    this.#waiting = rest;
    this.go();
  }

  /** Gives the turns that there are, as when there may be more of them; and tells the others their places. */
  go(): void {
    while (this.#turns.size < this.#deps.most()) {
      const next = this.#ordered()[0];
      if (next === undefined) break;
      this.#waiting = this.#waiting.filter((waiting) => waiting !== next);
      this.#turns.set(next.id, undefined);
      this.#seen(next.id, false);
      next.begin();
    }
    for (const [index, { moved }] of this.#ordered().entries()) moved(index + 1);
  }

  #ordered(): Waiting[] {
    return this.#waiting.toSorted((a, b) => RANKS[a.priority] - RANKS[b.priority]);
  }

  #seen(id: string, isLoading: boolean): void {
    if (!this.#turns.has(id)) return;
    const idle = this.#turns.get(id);
    if (isLoading) idle?.();
    if (isLoading) this.#turns.set(id, undefined);
    else if (idle === undefined)
      this.#turns.set(
        id,
        this.#deps.clock.after(IDLE_TURN_MS, () => this.#end(id)),
      );
  }

  #end(id: string): void {
    this.#turns.get(id)?.();
    if (this.#turns.delete(id) || this.#waiting.length > 0) this.go();
  }
}
