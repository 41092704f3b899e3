/**
 * The practice network that the app itself can start: nodes on this machine alone, with samples. The calls are part of the
 * contract (contract.ts).
 */
import * as v from 'valibot';
import { call, nothing, shortText } from './primitives.ts';

/**
 * impossible: this host cannot start one; off; starting: its nodes and its samples are being made, the node is where it was; on:
 * the node is on it, with a library of its own, and what it was before waits to come back; leaving: it is coming back.
 */
export const PracticeSchema = v.object({
  state: v.picklist(['impossible', 'off', 'starting', 'on', 'leaving']),
  /** While it starts: nodes, their links, the samples. */
  step: v.optional(v.picklist(['nodes', 'links', 'samples', 'moving'])),
  /** Why the last start failed. */
  problem: v.optional(shortText),
  /** What was published there to be read. */
  samples: v.array(v.object({ title: shortText, link: shortText })),
});
export type Practice = v.InferOutput<typeof PracticeSchema>;

export const PRACTICE_CALLS = {
  'practice.get': call(nothing, PracticeSchema),
  /**
   * Answers at once; `practice` events tell how it goes. At its end every window is connected anew, to the node that is on it.
   * `not-in-version` where it is impossible, `usage` where it is on or starting.
   */
  'practice.start': call(nothing, nothing),
  /** Ends what is starting, or goes back; what was done on the practice network is removed with it. */
  'practice.stop': call(nothing, nothing),
} as const;
