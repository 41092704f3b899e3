/** Shared files on their way, as the interface sees them. */
import * as v from 'valibot';
import { jobBase } from './job-model.ts';
import { amount, count, shortText } from './primitives.ts';

/**
 * away: tried again at `retryMs`; dialling; asked whether it has the file; queued for an upload slot; active; stalled: it owes something
 * and is silent; lacks: it does not have it; banned: it sent what was not asked for, or lied.
 */
export const SourceStateSchema = v.picklist([
  'away',
  'dialling',
  'asked',
  'queued',
  'active',
  'stalled',
  'lacks',
  'banned',
]);
export type SourceState = v.InferOutput<typeof SourceStateSchema>;

/**
 * Why a node that cannot be reached was not reached by a neighbour either. Those that could carry to it: off, carry for nobody; stranger, do
 * not know this node for long enough; busy, carry as much as they may; spent, have carried enough for this node today. refused: it did not take
 * it; lost: the neighbour lost its own link to it.
 */
export const UnreachedSchema = v.picklist(['off', 'stranger', 'busy', 'spent', 'refused', 'lost']);
export type Unreached = v.InferOutput<typeof UnreachedSchema>;
/** A node that has a file, or a part of it. */
export const DownloadSourceSchema = v.object({
  /** As neighbours are named. */
  name: shortText,
  publicKey: shortText,
  state: SourceStateSchema,
  /** Of `waiting`, where it is queued; 0 until it is told. */
  place: count,
  waiting: count,
  /** Came from it and proved right. */
  bytes: amount,
  bytesPerSecond: v.optional(amount),
  roundTripMs: v.optional(amount),
  /** The neighbour that carries the link to it, as neighbours are named. */
  relay: v.optional(shortText),
  unreached: v.optional(UnreachedSchema),
  /** Milliseconds since 1970. */
  retryMs: v.optional(v.number()),
});
export type DownloadSource = v.InferOutput<typeof DownloadSourceSchema>;

/** A node of which parts of a file came that proved right. */
export const GiverSchema = v.object({ name: shortText, publicKey: shortText, bytes: amount });
/** How a piece of a download says which of its givers it came from: by the place of its letter here. */
export const GIVER_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Whose turn comes first, where more are to be loaded than the setting downloads-at-once lets. */
export const PrioritySchema = v.picklist(['high', 'normal', 'low']);
export type Priority = v.InferOutput<typeof PrioritySchema>;

/** queued: others come first; finding: nobody who has it is known; waiting: for those who have it; loading; finishing: flushed and named. */
export const DownloadStageSchema = v.picklist(['queued', 'finding', 'waiting', 'loading', 'finishing', 'done']);
/** A shared file, straight from those who have it. */
export const DownloadJobSchema = v.object({
  ...jobBase,
  kind: v.literal('download'),
  link: shortText,
  stage: DownloadStageSchema,
  /** Proved; a hint of the link until then is in `sizeHintBytes`. */
  sizeBytes: v.optional(amount),
  sizeHintBytes: v.optional(amount),
  bytesDone: amount,
  /** Of `bytesDone`, what an earlier run had left, not read again. */
  bytesKept: v.optional(amount),
  /** How much of each of up to 128 equal parts of the file is here, 0 ... 9. */
  pieces: v.pipe(shortText, v.regex(/^\d{0,128}$/)),
  /** Of the same parts: 1 where something is on its way now. */
  coming: v.optional(v.pipe(shortText, v.regex(/^[01]{0,128}$/))),
  /** Of the same parts: seconds after the start at which it was here whole, 0 for what an earlier run left; null until then. */
  came: v.optional(v.pipe(v.array(v.nullable(amount)), v.maxLength(128))),
  /**
   * Of the same parts: who of `givers` gave most of what is here of it, as a letter of GIVER_LETTERS; a point where none of them did, as
   * of what an earlier run left.
   */
  from: v.optional(v.pipe(shortText, v.regex(/^[\w.-]{0,128}$/))),
  /** In the order in which they began to give in this run; sources that have gone since are among them. */
  givers: v.optional(v.pipe(v.array(GiverSchema), v.maxLength(GIVER_LETTERS.length))),
  sources: v.pipe(v.array(DownloadSourceSchema), v.maxLength(64)),
  /** Nodes of which chunks came that proved right. */
  sourcesUsed: v.optional(count),
  /** Absent: normal. */
  priority: v.optional(PrioritySchema),
  /** Its place among those that wait for their turn here, from 1. */
  place: v.optional(count),
  /** All that came of it, what came twice and what proved wrong too; of this run. */
  receivedBytes: v.optional(amount),
  /** When it looks for more sources again, milliseconds since 1970. */
  searchMs: v.optional(v.number()),
  /** The person paused it: it goes on when asked to. */
  isPaused: v.optional(v.boolean()),
  /** jobs.resume goes on with it. */
  canResume: v.optional(v.boolean()),
  path: v.optional(shortText),
  seconds: v.optional(amount),
});
export type DownloadJob = v.InferOutput<typeof DownloadJobSchema>;
