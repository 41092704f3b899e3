/**
 * How many bytes a neighbour may have inserted here: one budget a day (protocol, section 3), kept for its key and not for
 * its link, so that hanging up renews nothing. What was spent comes back evenly over a day, so that a key that spent nothing
 * lately may spend a whole budget at once, two in its first day, and one a day from then on.
 */
import { MAX_BUDGETS } from '../limits.ts';

const DAY_MS = 24 * 60 * 60_000;

interface Budget {
  /** Bytes, as of `atMs`. */
  spent: number;
  atMs: number;
}

/**
 * Of each key what it has spent, until that has come back: then forgetting it changes nothing, and nothing else is ever
 * forgotten. Where the table is full the keys that are not in it have one budget together. With one each, or with the row of
 * somebody who has spent less, two keys that push each other out would spend without end. It takes keys by the thousand
 * that all insert much to fill the table: a key that has spent a record of 33 KB is gone from it after half a second where
 * the budget is 5 GB.
 */
export class InsertBudgets {
  readonly #budgetBytes: () => number;
  readonly #ofPeer = new Map<string, Budget>();
  readonly #ofOthers: Budget = { spent: 0, atMs: 0 };

  /** `budgetBytes`: of a day; asked for each time, for the quota that it is a part of may change. */
  constructor(budgetBytes: () => number) {
    this.#budgetBytes = budgetBytes;
  }

  /** Counts `bytes`, or counts nothing and is false where they are more than is left. */
  spend(peerKeyHex: string, bytes: number, nowMs: number): boolean {
    const budgetBytes = this.#budgetBytes();
    const known = this.#ofPeer.get(peerKeyHex);
    if (known === undefined && this.#ofPeer.size >= MAX_BUDGETS) this.#forgetUnspent(budgetBytes, nowMs);
    const hasRoom = this.#ofPeer.size < MAX_BUDGETS;
    const budget = known ?? (hasRoom ? { spent: 0, atMs: nowMs } : this.#ofOthers);
    const spent = spentNow(budget, budgetBytes, nowMs) + bytes;
    if (spent > budgetBytes) return false;
    budget.spent = spent;
    budget.atMs = nowMs;
    if (known === undefined && hasRoom) this.#ofPeer.set(peerKeyHex, budget);
    return true;
  }

  /** Keys whose spending is remembered. */
  get size(): number {
    return this.#ofPeer.size;
  }

  #forgetUnspent(budgetBytes: number, nowMs: number): void {
    for (const [key, budget] of this.#ofPeer) {
      if (spentNow(budget, budgetBytes, nowMs) === 0) this.#ofPeer.delete(key);
    }
  }
}

function spentNow({ spent, atMs }: Budget, budgetBytes: number, nowMs: number): number {
  return Math.max(0, spent - (budgetBytes * (nowMs - atMs)) / DAY_MS);
}
