/** The things that the interface and the node talk about. Bytes never travel here: links, numbers and words do. */
import * as v from 'valibot';
import { BLOCKED_KINDS } from '../base/blocked.ts';
import { DownloadJobSchema } from './download-model.ts';
import { FolderJobSchema } from './folder-model.ts';
import { ErrorSchema, jobBase } from './job-model.ts';
import { amount, count, place, shortText } from './primitives.ts';

export * from './download-model.ts';
export * from './folder-model.ts';
export * from './job-model.ts';
export * from './network-model.ts';

/** What was left out of a page before it was shown. */
export const BlockedSchema = v.object({ kind: v.picklist(BLOCKED_KINDS), count });

/**
 * unasked: not needed yet; waiting: asked for soon; moving: on its way; found: there and verified (or placed);
 * missing: asked, not there; bad: failed its check.
 */
export const ShareStateSchema = v.picklist(['unasked', 'moving', 'found', 'missing', 'bad']);
export type ShareState = v.InferOutput<typeof ShareStateSchema>;

export const ShareSchema = v.object({
  /** 1 ... n, as people count. */
  index: count,
  state: ShareStateSchema,
  place: v.optional(place),
  /** How long the answer took, or has been waited for. */
  afterMs: v.optional(amount),
});
export type Share = v.InferOutput<typeof ShareSchema>;

export const PublicationClassSchema = v.picklist(['updatable', 'delete-only', 'fixed']);
export type PublicationClass = v.InferOutput<typeof PublicationClassSchema>;

export const FileSchema = v.object({
  /** Relative, '/' between parts; for a single file its name. */
  path: shortText,
  type: shortText,
  sizeBytes: amount,
});
export type PublishedFile = v.InferOutput<typeof FileSchema>;

/** One edition of a publication, as the newest one tells of it. */
export const EditionSchema = v.object({
  /** 1 is the first. */
  number: count,
  title: shortText,
  /** Milliseconds since 1970, only where its publisher chose to say. */
  dateMs: v.optional(v.number()),
  sizeBytes: amount,
});
export type Edition = v.InferOutput<typeof EditionSchema>;

/** What a manifest says, for showing. */
export const PublicationSchema = v.object({
  link: shortText,
  title: shortText,
  description: v.optional(shortText),
  language: v.optional(shortText),
  shape: v.picklist(['file', 'directory', 'site']),
  /** The file that a site opens with. */
  index: v.optional(shortText),
  /** Milliseconds since 1970, only when the publisher chose to say. */
  dateMs: v.optional(v.number()),
  class: PublicationClassSchema,
  /** The one that is shown: the newest, whichever the link was made for. */
  edition: count,
  /** The edition that the link was made for, where that is an older one. */
  linkEdition: v.optional(count),
  /** The link of the edition that is shown, where `link` was made for an older one. */
  newestLink: v.optional(shortText),
  /** Those before it, the latest first, at most 100 of them; there are `edition` - 1. */
  earlier: v.pipe(v.array(EditionSchema), v.maxLength(100)),
  k: count,
  n: count,
  fileCount: count,
  /** At most the first 1,000 of them. */
  files: v.pipe(v.array(FileSchema), v.maxLength(1000)),
  sizeBytes: amount,
  /** Who signed it: the first eight letters of the document key, in fours. */
  signer: shortText,
});
export type Publication = v.InferOutput<typeof PublicationSchema>;

/** reading and sealing overlap with sending; shares follow the blocks; then they are fetched back as a reader would. */
export const PublishStageSchema = v.picklist(['reading', 'sending', 'shares', 'fetching-back', 'done']);
export const PublishJobSchema = v.object({
  ...jobBase,
  kind: v.literal('publish'),
  stage: PublishStageSchema,
  k: count,
  n: count,
  class: PublicationClassSchema,
  fileCount: count,
  sizeBytes: amount,
  sealedBytes: amount,
  blocksTotal: count,
  blocksSent: count,
  /** Blocks that had to be sent again, because a node was busy or silent. */
  blocksRetried: count,
  /** Of `blocksSent`, those that the network had from an earlier run that was interrupted. */
  blocksResumed: v.optional(count),
  /** It failed or was interrupted, and jobs.resume goes on with it; with the password, where `needsPassword`. */
  canResume: v.optional(v.boolean()),
  needsPassword: v.optional(v.boolean()),
  /** It runs, and rests (publish.pause). */
  isPaused: v.optional(v.boolean()),
  shares: v.array(ShareSchema),
  fetchedBack: v.array(ShareSchema),
  /** Generated for this publication; until acknowledged by publish.forgetPassword, or the job is dismissed. */
  password: v.optional(shortText),
  /** Where it was to be listed in search: taken by hubs, refused by those asked, or there were none; it is renewed in any case. */
  listing: v.optional(v.picklist(['done', 'refused', 'no-hubs'])),
  /** When all shares, or enough of them, are placed. */
  link: v.optional(shortText),
  seconds: v.optional(amount),
});
export type PublishJob = v.InferOutput<typeof PublishJobSchema>;

export const ReadStageSchema = v.picklist(['asking', 'verifying', 'blocks', 'done']);
const readJob = {
  ...jobBase,
  link: shortText,
  stage: ReadStageSchema,
  k: count,
  n: count,
  shares: v.array(ShareSchema),
  /** Indices of shares that verified as slots but not against their names. */
  badShares: v.array(count),
  publication: v.optional(PublicationSchema),
  bytesDone: amount,
  bytesTotal: v.optional(amount),
};
/** Opened in the viewer: done when its first page can be shown; the rest is fetched as it is read. */
export const OpenJobSchema = v.object({
  ...readJob,
  kind: v.literal('open'),
  /** Origin that serves the content, ending in '/'; each publication has its own. */
  contentUrl: v.optional(shortText),
  /** Origin that serves our viewer for PDF, with no other power than to read this publication. */
  viewerUrl: v.optional(shortText),
});
export type OpenJob = v.InferOutput<typeof OpenJobSchema>;
/** Retrieved whole and written to disk. */
export const GetJobSchema = v.object({
  ...readJob,
  kind: v.literal('get'),
  /** Of `bytesDone`, what an earlier run that was interrupted had left there, once it is checked. */
  bytesKept: v.optional(amount),
  /** It failed or was cancelled, and left so much beside the target for another run to go on with. */
  bytesLeft: v.optional(amount),
  path: v.optional(shortText),
  /** Media type of what was written; inode/directory for a directory. */
  type: v.optional(shortText),
  seconds: v.optional(amount),
});
export type GetJob = v.InferOutput<typeof GetJobSchema>;

export const CheckJobSchema = v.object({
  ...jobBase,
  kind: v.literal('check'),
  link: shortText,
  k: count,
  n: count,
  shares: v.array(ShareSchema),
  blocksSampled: count,
  blocksFound: count,
  /** Known once done: enough shares answered and every sampled block was found. */
  retrievable: v.optional(v.boolean()),
  /** The edition that was checked, the newest that the link leads to; once known. */
  edition: v.optional(count),
});
export type CheckJob = v.InferOutput<typeof CheckJobSchema>;

/**
 * looking: for the slots of all editions, and whether the password is right; comparing: files are hashed against the newest
 * edition; then as in publishing; replacing: the slots of earlier editions are led to the new one.
 */
export const UpdateStageSchema = v.picklist([
  'looking',
  'comparing',
  'sending',
  'shares',
  'fetching-back',
  'replacing',
  'done',
]);
export type UpdateStage = v.InferOutput<typeof UpdateStageSchema>;
/** A new edition, or the same content under another password. */
export const UpdateJobSchema = v.object({
  ...jobBase,
  kind: v.literal('update'),
  /** password: the content stays and the password changes; listing: only whether searches find it. */
  change: v.picklist(['content', 'password', 'listing']),
  /** The link that was given, in its one spelling. */
  link: shortText,
  stage: UpdateStageSchema,
  k: count,
  n: count,
  class: PublicationClassSchema,
  /** The new one, once it is known. */
  edition: v.optional(count),
  fileCount: count,
  sizeBytes: amount,
  /** Files that are as they were in the edition before, and the blocks that need not be sent for it. */
  filesKept: count,
  blocksKept: count,
  sealedBytes: amount,
  blocksTotal: count,
  blocksSent: count,
  blocksRetried: count,
  /** As of publishing; an update always needs its password to be gone on with. */
  blocksResumed: v.optional(count),
  canResume: v.optional(v.boolean()),
  needsPassword: v.optional(v.boolean()),
  isPaused: v.optional(v.boolean()),
  /** As of publishing, where it was to be listed, or was before. */
  listing: v.optional(v.picklist(['done', 'refused', 'no-hubs'])),
  /** Where it was to be taken out of search: hubs were told, or are told again and again until they take it. */
  unlisting: v.optional(v.picklist(['done', 'refused', 'no-hubs'])),
  /** Of the new edition. */
  shares: v.array(ShareSchema),
  fetchedBack: v.array(ShareSchema),
  /** Slots of all earlier editions, and those of them that lead to the new one; 0 of 0 until they are known. */
  slotsWanted: count,
  slotsReplaced: count,
  /** What was found: an update that had been left half done and was finished, or content that is as published. */
  outcome: v.optional(v.picklist(['published', 'resumed', 'unchanged'])),
  /** The new password, where one was made; until acknowledged by publish.forgetPassword, or the job is dismissed. */
  password: v.optional(shortText),
  /** Of the new edition, when enough of its shares are placed. */
  newLink: v.optional(shortText),
  seconds: v.optional(amount),
});
export type UpdateJob = v.InferOutput<typeof UpdateJobSchema>;

export const DeleteStageSchema = v.picklist(['looking', 'replacing', 'done']);
/** Every slot of every edition says that it was deleted. Best effort: who has a copy has a copy. */
export const DeleteJobSchema = v.object({
  ...jobBase,
  kind: v.literal('delete'),
  /** The link that was given, in its one spelling. */
  link: shortText,
  stage: DeleteStageSchema,
  k: count,
  n: count,
  class: PublicationClassSchema,
  /** Slots of the newest edition: found where the deletion is written. */
  shares: v.array(ShareSchema),
  /** Slots of all editions, and those of them that say now that it was deleted. */
  slotsWanted: count,
  slotsReplaced: count,
  seconds: v.optional(amount),
});
export type DeleteJob = v.InferOutput<typeof DeleteJobSchema>;

/** One look after a publication that is kept alive: everything is held here, and what others have lost is put back. */
export const KeepJobSchema = v.object({
  ...jobBase,
  kind: v.literal('keep'),
  link: shortText,
  /** Others are looked after first. */
  waiting: v.optional(v.boolean()),
  k: count,
  n: count,
  shares: v.array(ShareSchema),
  /** Of the n slots: held here; put back because nobody else had them. */
  sharesHeld: count,
  sharesPutBack: count,
  /** With check blocks and lists; known once the manifest is. */
  blocksTotal: v.optional(count),
  /** Gone through in this round. */
  blocksDone: count,
  blocksHeld: count,
  /** Asked for past what is held here, and how many of them others had. */
  blocksLooked: count,
  blocksFound: count,
  blocksPutBack: count,
  /** Neither here nor elsewhere, and not to be made anew. */
  blocksLost: count,
  /** Known once done. */
  retrievable: v.optional(v.boolean()),
  edition: v.optional(count),
});
export type KeepJob = v.InferOutput<typeof KeepJobSchema>;

export const JobSchema = v.variant('kind', [
  PublishJobSchema,
  UpdateJobSchema,
  DeleteJobSchema,
  OpenJobSchema,
  GetJobSchema,
  CheckJobSchema,
  KeepJobSchema,
  DownloadJobSchema,
  FolderJobSchema,
]);
export type Job = v.InferOutput<typeof JobSchema>;

export const HealthSchema = v.object({
  /** Share states by index when last checked. */
  shares: v.array(ShareSchema),
  checkedMs: v.number(),
  retrievable: v.boolean(),
  /** Blocks that were asked for, and those of them that others had. */
  blocks: v.optional(v.object({ sampled: count, found: count })),
});
export type Health = v.InferOutput<typeof HealthSchema>;

/** How a publication is kept alive from this machine. */
export const KeepSchema = v.object({
  on: v.boolean(),
  /** When it is looked after next. */
  nextMs: v.optional(v.number()),
  /** The link of the edition that is held here, in its one spelling. */
  heldLink: v.optional(shortText),
  /** Where the next round goes on looking. */
  nextSegment: count,
  last: v.optional(
    v.object({
      atMs: v.number(),
      sharesHeld: count,
      sharesPutBack: count,
      blocksTotal: count,
      blocksHeld: count,
      blocksPutBack: count,
      blocksLost: count,
    }),
  ),
  /** Why the last round failed, where it did. */
  problem: v.optional(ErrorSchema),
});
export type Keep = v.InferOutput<typeof KeepSchema>;

export const LibraryEntrySchema = v.object({
  link: shortText,
  origin: v.picklist(['published', 'opened']),
  title: shortText,
  shape: v.picklist(['file', 'directory', 'site']),
  type: shortText,
  sizeBytes: amount,
  edition: count,
  class: PublicationClassSchema,
  k: count,
  n: count,
  /** When it was published, updated or last opened on this machine. */
  atMs: v.number(),
  /** When its publisher deleted it, as far as is known here. */
  deletedMs: v.optional(v.number()),
  health: v.optional(HealthSchema),
  /** Absent: as the setting keep-published says for what was published here, and off for the rest. */
  keep: v.optional(KeepSchema),
  /** The words besides its title that it is listed by from here; absent where it is not. Of the answer, not of the row. */
  listed: v.optional(v.array(shortText)),
});
export type LibraryEntry = v.InferOutput<typeof LibraryEntrySchema>;
