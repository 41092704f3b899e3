/** What goes and comes of shared files, and its limits, as the interface sees it. */
import * as v from 'valibot';
import { amount, count, shortText } from './primitives.ts';

/** As they are now. Bytes a second; 0: none. */
export const TransferLimitsSchema = v.object({
  upBytesPerSecond: amount,
  downBytesPerSecond: amount,
  /** Of what one user is sent. */
  userUpBytesPerSecond: amount,
  /** They are those of the schedule, until this minute of the day. */
  untilMinute: v.optional(count),
});
export type TransferLimits = v.InferOutput<typeof TransferLimitsSchema>;

/** A file that somebody loads from here now. */
export const UploadSchema = v.object({
  /** As neighbours are named. */
  user: shortText,
  publicKey: shortText,
  /** As it is called here; absent for one that is shared no more. */
  name: v.optional(shortText),
  sizeBytes: v.optional(amount),
  /** Sent since it has its slot. */
  sentBytes: amount,
  bytesPerSecond: v.optional(amount),
});
export type Upload = v.InferOutput<typeof UploadSchema>;

/** Bytes of files, without what messages add: as they were handed to links, and as they came, wasted ones too. */
export const TransferFiguresSchema = v.object({
  /** Since the node started. */
  sentBytes: amount,
  receivedBytes: amount,
  /** Since `sinceMs`, over all starts of the node. */
  sinceMs: v.number(),
  sentInAllBytes: amount,
  receivedInAllBytes: amount,
  limits: TransferLimitsSchema,
  uploads: v.pipe(v.array(UploadSchema), v.maxLength(255)),
});
export type TransferFigures = v.InferOutput<typeof TransferFiguresSchema>;
