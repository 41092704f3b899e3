/** Shared files that are played, or looked at, while they arrive. The calls are part of the contract (contract.ts). */
import * as v from 'valibot';
import { PLAY_KINDS } from '../base/playable.ts';
import { amount, call, count, nothing, shortText, text } from './primitives.ts';
import { fileIndex } from './transfer-calls.ts';

/** How the players of a download fare. */
export const PlayingSchema = v.object({
  job: shortText,
  /** Of a folder: which of its files. */
  file: v.optional(count),
  /** Where the file was read last. */
  atBytes: amount,
  /** What it is read for next is not here yet. */
  isWaiting: v.boolean(),
});
export type PlayingState = v.InferOutput<typeof PlayingSchema>;

export const PLAY_CALLS = {
  /**
   * Opens a player for a download, or one `file` of a folder, that is loading, paused or done, on an origin of its own: what is read there is loaded first, and
   * waited for. `other`: of a kind that is not shown, and can be saved only (`CONTENTURL?save`). `not-found` for a job that is no
   * download, and for a file that was moved or deleted; `damaged` for one that was changed; `usage` where nothing shows content.
   */
  'play.start': call(
    v.object({ job: text(64), file: v.optional(fileIndex) }),
    v.object({
      play: shortText,
      kind: v.picklist([...PLAY_KINDS, 'other']),
      /** Ends in '/'. */
      contentUrl: shortText,
      state: PlayingSchema,
    }),
  ),
  /** The player is closed: loading goes on in order. One that is not open is no error. */
  'play.stop': call(v.object({ play: text(64) }), nothing),
} as const;
