/** What lets writes to a disk fail, one in turn: what is common to the ways in which tests do it. */

export type FaultKind = 'full' | 'broken';

/**
 * `full`: from one write on all that need room fail with ENOSPC, and the first of them takes half of what it was given, as on
 * a disk that fills up. `broken`: one write, flush, rename or new name fails with EIO, and the next goes through.
 */
export interface FaultPlan {
  readonly kind: FaultKind;
  /** Which, from 1 on; 0 counts only. */
  readonly at: number;
}

export interface Faults {
  /** Counts from now on, and lets fail what the plan says, until `disarm`. */
  arm(plan: FaultPlan): void;
  /** Calls that could have failed since, and those that did. */
  disarm(): { readonly seen: number; readonly failed: number };
}
