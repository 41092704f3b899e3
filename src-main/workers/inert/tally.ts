/** What one document lost, and where it leads inside its publication: counted while it is made inert. */
import type { Blocked, BlockedKind } from '../../../shared/base/blocked.ts';
import { addBlocked } from '../../../shared/base/blocked.ts';

/** Addresses that are remembered of one document, for finding those that lead nowhere. A guess: an index of a book has hundreds. */
const MAX_TARGETS = 5_000;

export class Tally {
  readonly #counts = new Map<BlockedKind, number>();
  readonly #targets = new Set<string>();

  block(kind: BlockedKind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** A path of the same publication that the document refers to. */
  refer(path: string): void {
    if (this.#targets.size < MAX_TARGETS) this.#targets.add(path);
  }

  get blocked(): Blocked[] {
    return addBlocked([[...this.#counts].map(([kind, count]) => ({ kind, count }))]);
  }

  get targets(): string[] {
    return [...this.#targets];
  }
}
