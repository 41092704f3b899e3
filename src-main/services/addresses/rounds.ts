/**
 * Work that comes back: looking for new editions, renewing claims. One piece at a time, each at a time of its own that is
 * drawn at random, so that what a node follows makes no pattern of requests that begin together.
 */
import type { Random } from '../../core/ports.ts';
import type { Clock } from '../jobs/clock.ts';

/** Between two pieces of work, also after a sleep in which many fell due. A guess. */
const PACE_MS = 3_000;
/** How soon it is looked again whether there is a neighbour. */
const OFFLINE_MS = 60_000;

interface Task {
  readonly everyMs: number;
  readonly run: () => Promise<void>;
  dueMs: number;
}

export interface RoundsDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly neighbours: () => number;
  readonly onDefect: (thrown: unknown) => void;
}

export class Rounds {
  readonly #deps: RoundsDeps;
  readonly #tasks = new Map<string, Task>();
  #stopTimer: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #freeMs = 0;
  #closed = false;

  constructor(deps: RoundsDeps) {
    this.#deps = deps;
  }

  /** Runs `run` first after about `firstMs`, then about every `everyMs`, each between half of it and one and a half. */
  set(key: string, firstMs: number, everyMs: number, run: () => Promise<void>): void {
    this.#tasks.set(key, { everyMs, run, dueMs: this.#deps.clock.monotonicMs() + this.#spread(firstMs) });
    this.#arm();
  }

  delete(key: string): void {
    this.#tasks.delete(key);
  }

  get size(): number {
    return this.#tasks.size;
  }

  /** Resolves when the piece that is under way has ended; the work itself is ended by its owner. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopTimer?.();
    this.#tasks.clear();
    await this.#running;
  }

  #spread(spanMs: number): number {
    return spanMs / 2 + (spanMs * this.#deps.random.below(0x1_0000)) / 0x1_0000;
  }

  #arm(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (this.#closed || this.#running !== undefined || this.#tasks.size === 0) return;
    const nowMs = this.#deps.clock.monotonicMs();
    let dueMs = Number.POSITIVE_INFINITY;
    for (const task of this.#tasks.values()) dueMs = Math.min(dueMs, task.dueMs);
    this.#stopTimer = this.#deps.clock.after(Math.max(0, Math.max(dueMs, this.#freeMs) - nowMs), () => this.#next());
  }

  #next(): void {
    const { clock, neighbours, onDefect } = this.#deps;
    const nowMs = clock.monotonicMs();
    const task = [...this.#tasks.values()].sort((a, b) => a.dueMs - b.dueMs)[0];
    if (task === undefined || task.dueMs > nowMs) return this.#arm();
    if (neighbours() === 0) {
      this.#freeMs = nowMs + OFFLINE_MS;
      return this.#arm();
    }
    this.#running = task
      .run()
      .catch(onDefect)
      .then(() => {
        this.#running = undefined;
        this.#freeMs = clock.monotonicMs() + PACE_MS;
        task.dueMs = clock.monotonicMs() + this.#spread(task.everyMs);
        this.#arm();
      });
    return undefined;
  }
}
