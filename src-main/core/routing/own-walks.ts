import { PRIORITY_BULK } from '../wire/messages.ts';
import type { Stem } from './stem.ts';
import type { Walk } from './walk.ts';

/** This node's own messages that are under way, by the operations that the host knows them by; MAX_LOCAL_PENDING at most. */
export class OwnWalks {
  readonly #stem: Pick<Stem, 'ownSuccessor'>;
  readonly #byOperation = new Map<number, Walk>();

  constructor(stem: Pick<Stem, 'ownSuccessor'>) {
    this.#stem = stem;
  }

  get size(): number {
    return this.#byOperation.size;
  }

  add(operation: number, walk: Walk): void {
    this.#forgetClosed();
    if (!walk.closed) this.#byOperation.set(operation, walk);
  }

  /** The one that is not wanted any more. */
  take(operation: number): Walk | undefined {
    const walk = this.#byOperation.get(operation);
    this.#byOperation.delete(operation);
    return walk;
  }

  /**
   * Bulk messages that would go on at once, beside those that are here and have yet to go; what is more would find its way
   * busy. Infinity where there is no way at all, which each finds out for itself.
   */
  roomForBulk(): number {
    const successor = this.#stem.ownSuccessor(0, NONE);
    if (successor === undefined) return Number.POSITIVE_INFINITY;
    let room = successor.room(PRIORITY_BULK);
    for (const walk of this.#byOperation.values()) {
      if (!walk.closed && walk.priority === PRIORITY_BULK && walk.waitingFor === undefined) room -= 1;
    }
    return Math.max(0, room);
  }

  #forgetClosed(): void {
    for (const [operation, walk] of this.#byOperation) if (walk.closed) this.#byOperation.delete(operation);
  }
}

const NONE: ReadonlySet<number> = new Set();
