/** A folder of a user that is loaded with what is in it, as the interface sees it. */
import * as v from 'valibot';
import { DownloadSourceSchema, DownloadStageSchema, PrioritySchema } from './download-model.ts';
import { ErrorSchema, jobBase } from './job-model.ts';
import { amount, count, shortText } from './primitives.ts';

/** waiting: to be loaded; left: the person does not want it; failed: with why. */
export const FolderFileStateSchema = v.picklist(['waiting', 'loading', 'done', 'left', 'failed']);

/** A file of it, in the order of its user's folders. */
export const FolderFileSchema = v.object({
  index: count,
  /** As its user calls them; the folder below the one that is loaded. */
  folder: shortText,
  name: shortText,
  /** What it is called here, below the target, where that differs. */
  path: v.optional(shortText),
  sizeBytes: amount,
  state: FolderFileStateSchema,
  /** While it is loaded. */
  bytesDone: v.optional(amount),
  bytesPerSecond: v.optional(amount),
  stage: v.optional(DownloadStageSchema),
  /** Among the files of its folder; absent: normal. */
  priority: v.optional(PrioritySchema),
  error: v.optional(ErrorSchema),
});
export type FolderFile = v.InferOutput<typeof FolderFileSchema>;

/** listing: its user is asked what is in it; waiting: for whoever has the files. */
export const FolderStageSchema = v.picklist(['listing', 'queued', 'waiting', 'loading', 'done']);

export const FolderJobSchema = v.object({
  ...jobBase,
  kind: v.literal('folder'),
  /** Whose it is: public key, and name as neighbours are named. */
  user: shortText,
  userName: shortText,
  /** Below the shared folders; '' is all of them. */
  folder: shortText,
  stage: FolderStageSchema,
  /** Files that are wanted, and how many of these are here, or failed. 0 until they are known. */
  files: count,
  filesDone: count,
  filesFailed: count,
  /** Files in all, wanted or not. */
  filesInAll: count,
  /** Of the wanted ones; as the user says, until each is proved. */
  sizeBytes: amount,
  bytesDone: amount,
  /** Of `bytesDone`, what an earlier run had left. */
  bytesKept: v.optional(amount),
  /** All that came, what came twice and what proved wrong too; of this run. */
  receivedBytes: v.optional(amount),
  /** Those that are loaded now. */
  active: v.pipe(v.array(FolderFileSchema), v.maxLength(8)),
  /** Who gives, or is waited for, of one of these. */
  source: v.optional(DownloadSourceSchema),
  /** When its user is asked again, milliseconds since 1970. */
  retryMs: v.optional(v.number()),
  priority: v.optional(PrioritySchema),
  isPaused: v.optional(v.boolean()),
  canResume: v.optional(v.boolean()),
  /** Where it is, or will be. */
  path: v.optional(shortText),
  seconds: v.optional(amount),
});
export type FolderJob = v.InferOutput<typeof FolderJobSchema>;
