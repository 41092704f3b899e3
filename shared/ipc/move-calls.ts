/**
 * Moving the data directory from a window: the node stops, everything is copied and read back, and the node starts from there. While
 * that lasts, these calls (and config.get) are all that is answered; any other fails with `busy`. The calls are part of the contract
 * (contract.ts).
 */
import * as v from 'valibot';
import { ErrorSchema } from './job-model.ts';
import { amount, call, nothing, text } from './primitives.ts';

const path = text(4096);

/**
 * impossible: this host cannot move it; idle; stopping: the node is let go of; copying; checking: what was copied is read back;
 * starting: it lies where it is to lie, and the node is on its way.
 */
export const MoveSchema = v.object({
  state: v.picklist(['impossible', 'idle', 'stopping', 'copying', 'checking', 'starting']),
  /** Where it lies now; while it is moved, where it lay. */
  directory: path,
  /** Where it is moved to. */
  to: v.optional(path),
  /** Of what is copied and read back, twice its size in all. */
  doneBytes: v.optional(amount),
  totalBytes: v.optional(amount),
  /** While they are known; never guessed. */
  bytesPerSecond: v.optional(amount),
  secondsLeft: v.optional(amount),
  /** Why the last one did not happen; everything is where it was. */
  problem: v.optional(ErrorSchema),
});
export type Move = v.InferOutput<typeof MoveSchema>;

export const MOVE_CALLS = {
  'move.get': call(nothing, MoveSchema),
  /**
   * What it takes, and what is free there. With `to`, as much as can be said before anything is stopped: `usage` for a place that is
   * not a whole path, not empty, in the directory or around it, or that cannot be written; `no-space`. Without, `freeBytes` is where it lies.
   */
  'move.check': call(v.object({ to: v.optional(path) }), v.object({ to: path, sizeBytes: amount, freeBytes: amount })),
  /**
   * Errors as above, and `busy` where something else has to end first; `not-in-version` where it is impossible. Answers when it has begun;
   * every window is then connected anew, to what says how it goes, and at its end to the node in its new place.
   */
  'move.start': call(v.object({ to: path }), nothing),
  /** Everything stays where it is, and the node starts again. `usage` where nothing is being moved, or it has moved already. */
  'move.cancel': call(nothing, nothing),
} as const;
