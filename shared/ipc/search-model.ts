/** Search and shared folders as the interface sees them. */
import * as v from 'valibot';
import { FILE_KINDS } from '../base/file-kinds.ts';
import { amount, count, shortText } from './primitives.ts';

export const FileKindSchema = v.picklist(FILE_KINDS);
export const HitKindSchema = v.picklist(['direct', 'anonymous']);

/** One content, however many have it. */
export const ResultSchema = v.object({
  /** Stable while the search lasts; a row keeps it when more sources come. */
  id: shortText,
  kind: HitKindSchema,
  /** broadside:file/... or a publication's link. */
  link: shortText,
  name: shortText,
  /** Other names that sources give the same content, at most 5. */
  otherNames: v.pipe(v.array(shortText), v.maxLength(5)),
  folder: v.optional(shortText),
  keywords: v.optional(v.pipe(v.array(shortText), v.maxLength(16))),
  sizeBytes: amount,
  fileKind: FileKindSchema,
  /** It runs when opened (by its ending): said before anything else. */
  isProgram: v.boolean(),
  /** Nodes that have it; absent for publications, of which nobody knows. */
  sources: v.optional(count),
  /** Names of the sources as neighbours are named, at most 20: for browsing and blocking. */
  sourceNames: v.optional(v.pipe(v.array(v.object({ name: shortText, publicKey: shortText })), v.maxLength(20))),
  /** Sources with a free upload slot now. */
  freeSources: v.optional(count),
  /** Milliseconds since 1970, to the day: since when it is shared or listed. */
  sinceMs: v.optional(v.number()),
  /** How likely this is what one wants, 0 ... 1, by what was hidden before; absent when nothing was. */
  rating: v.optional(amount),
  /** In the library already. */
  isHere: v.boolean(),
});
export type Result = v.InferOutput<typeof ResultSchema>;

export const SearchStateSchema = v.object({
  id: shortText,
  query: shortText,
  state: v.picklist(['searching', 'done', 'stopped']),
  /** Why it ended: all were asked, enough was found, time was over. */
  end: v.optional(v.picklist(['exhausted', 'enough', 'time', 'no-hubs', 'stopped'])),
  startedMs: v.number(),
  hubsAsked: count,
  /** Hubs that can be asked. */
  hubsKnown: count,
  messages: count,
  /** Distinct contents after filtering. */
  results: count,
  /** Hits before grouping and filtering. */
  hits: count,
  /** Left out because the person hides or blocks them. */
  hidden: count,
  /** Direct queries tell their hubs who asks. */
  anonymousOnly: v.boolean(),
});
export type SearchState = v.InferOutput<typeof SearchStateSchema>;

export const WishSchema = v.object({
  id: shortText,
  query: shortText,
  createdMs: v.number(),
  lastMs: v.optional(v.number()),
  /** Found since it was last looked at. */
  fresh: count,
  notify: v.boolean(),
});
export type Wish = v.InferOutput<typeof WishSchema>;

/** A user: a node whose shares can be browsed. */
export const UserSchema = v.object({
  publicKey: shortText,
  name: shortText,
  /** What the person calls it. */
  label: v.optional(shortText),
  isHot: v.boolean(),
  isBlocked: v.boolean(),
  online: v.boolean(),
});
export type User = v.InferOutput<typeof UserSchema>;

export const HiddenSchema = v.object({
  kind: v.picklist(['source', 'content', 'word']),
  value: shortText,
  label: shortText,
});
export type Hidden = v.InferOutput<typeof HiddenSchema>;

/** hashing: some files have no root yet; missing: the folder is not there now. */
export const SharedFolderSchema = v.object({
  id: shortText,
  path: shortText,
  name: shortText,
  state: v.picklist(['looking', 'hashing', 'shared', 'missing', 'stopped']),
  files: count,
  sizeBytes: amount,
  /** Of `files` and `sizeBytes`, what has its root and is offered. */
  offeredFiles: count,
  offeredBytes: amount,
  bytesPerSecond: v.optional(amount),
  secondsLeft: v.optional(amount),
  /** Left out, with why and how many: hidden, system, link, unreadable, special. */
  leftOut: v.array(
    v.object({ reason: v.picklist(['hidden', 'system', 'link', 'unreadable', 'special', 'name']), count }),
  ),
  error: v.optional(shortText),
});
export type SharedFolder = v.InferOutput<typeof SharedFolderSchema>;

export const SharedFileSchema = v.object({
  name: shortText,
  folder: shortText,
  sizeBytes: amount,
  fileKind: FileKindSchema,
  /** Absent until it is hashed. */
  link: v.optional(shortText),
});
export type SharedFile = v.InferOutput<typeof SharedFileSchema>;
