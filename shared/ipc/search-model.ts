/** Search and shared folders as the interface sees them. */
import * as v from 'valibot';
import { FILE_KINDS, NAME_WARNINGS } from '../base/file-kinds.ts';
import { ErrorSchema } from './model.ts';
import { amount, count, shortText } from './primitives.ts';

export const FileKindSchema = v.picklist(FILE_KINDS);
export const HitKindSchema = v.picklist(['direct', 'anonymous']);

/** Where in a text: characters of JavaScript from the first to before the last. */
const RangeSchema = v.object({ from: count, to: count });

/** A query as it was read, or what is wrong with it and where. */
export const QueryCheckSchema = v.variant('ok', [
  /** `query`: its one spelling. */
  v.object({ ok: v.literal(true), query: shortText }),
  v.object({ ok: v.literal(false), message: shortText, ...RangeSchema.entries }),
]);
export type QueryCheck = v.InferOutput<typeof QueryCheckSchema>;

/** One content, however many have it. */
export const ResultSchema = v.object({
  /** `direct:` or `anonymous:` and the content id in hexadecimal: the same in every search. */
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
  /** What in its name misleads: to be said beside it. Absent: nothing. */
  warnings: v.optional(v.pipe(v.array(v.picklist(NAME_WARNINGS)), v.maxLength(NAME_WARNINGS.length))),
  /** Where the words that were asked for stand in `name`, in order, not overlapping. */
  marks: v.optional(v.pipe(v.array(RangeSchema), v.maxLength(32))),
  /** Its rank, 0 ... 1, for sorting anew: results come in the order in which they were found, and keep it. */
  score: v.optional(amount),
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
  /** Of a wish that looks: it. */
  wish: v.optional(shortText),
  state: v.picklist(['searching', 'done', 'stopped']),
  /** Why it ended: all were asked, enough was found, time was over, there was nobody to ask (no hub and no neighbour). */
  end: v.optional(v.picklist(['exhausted', 'enough', 'time', 'no-hubs', 'stopped'])),
  startedMs: v.number(),
  endedMs: v.optional(v.number()),
  /** It ends by itself at this age. */
  timeoutMs: count,
  /** Distinct contents after which it has enough. */
  wanted: count,
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
  /** It could not be asked at all. */
  error: v.optional(ErrorSchema),
});
export type SearchState = v.InferOutput<typeof SearchStateSchema>;

/**
 * News of a search, at most four times a second: the state, and results that are new or changed. One whose id is known replaces
 * what is in its row; the others come at the end, in this order. `gone`: rows that leave, because they were hidden.
 */
export const SearchNewsSchema = v.object({
  state: SearchStateSchema,
  results: v.array(ResultSchema),
  gone: v.array(shortText),
});
export type SearchNews = v.InferOutput<typeof SearchNewsSchema>;

/** calm: the order in which they came; rank: best first, as it would be sorted now; the others as their names say. */
export const ResultOrderSchema = v.picklist(['calm', 'rank', 'name', 'size', 'newest', 'sources']);
export type ResultOrder = v.InferOutput<typeof ResultOrderSchema>;

/** What was searched for, newest first; kept only with the setting `search-history`. */
export const PastSearchSchema = v.object({ query: shortText, atMs: v.number(), results: count });
export type PastSearch = v.InferOutput<typeof PastSearchSchema>;

export const WishSchema = v.object({
  id: shortText,
  query: shortText,
  createdMs: v.number(),
  lastMs: v.optional(v.number()),
  /** Found since it was last looked at. */
  fresh: count,
  /** Of all that it ever found, as many as are kept. */
  found: v.optional(count),
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
  /** A source's public key in hexadecimal, a result's id, a word as it is folded. */
  value: shortText,
  label: shortText,
  atMs: v.optional(v.number()),
});
export type Hidden = v.InferOutput<typeof HiddenSchema>;

/** Why something in a shared folder is not shared. */
export const LEFT_OUT_REASONS = [
  'hidden',
  'system',
  /** Symbolic links are not followed, wherever they lead. */
  'link',
  'unreadable',
  /** Pipes, sockets, devices. */
  'special',
  /** Its name cannot be sent: not UTF-8, control characters, too long. */
  'name',
  /** It is written to so often that it was never read to its end unchanged; tried again with the next look. */
  'changing',
  /** Beyond what one node shares: too many files, too deep, or a file too large. */
  'too-much',
] as const;
export const LeftOutReasonSchema = v.picklist(LEFT_OUT_REASONS);
export type LeftOutReason = v.InferOutput<typeof LeftOutReasonSchema>;

/**
 * looking: it is being walked through; hashing: some files have no root yet; missing: the folder is not there now; stopped:
 * nothing of it is offered until it is started again.
 */
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
  /** Left out, with why and how many, in the order of LEFT_OUT_REASONS. */
  leftOut: v.array(v.object({ reason: LeftOutReasonSchema, count })),
  /** Hidden files are shared, too; system files never are. */
  withHidden: v.boolean(),
  /** Changes are noticed when they happen; else with the next look. */
  watched: v.boolean(),
  /** Last look that went through all of it. */
  lookedMs: v.optional(v.number()),
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
