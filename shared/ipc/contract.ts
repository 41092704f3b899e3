/**
 * The one typed contract between the interface (renderer or command line) and the node. It travels over a WebSocket
 * (headless) or a MessagePort (Electron). Long work is a job: a call starts it and returns its id, `job` events tell
 * its progress, at most four times a second each. File bytes never travel here: in a browser they are put to the staging area
 * over HTTP, in Electron and from the command line a path is named.
 */
import * as v from 'valibot';
import { MAX_METADATA_VALUE, METADATA_CODES, METADATA_KINDS, METADATA_REASONS } from '../base/metadata.ts';
import { ADDRESS_CALLS } from './address-calls.ts';
import { FollowingSchema } from './address-model.ts';
import {
  BlockedSchema,
  ErrorSchema,
  JobSchema,
  LibraryEntrySchema,
  NetworkViewSchema,
  PublicationClassSchema,
  StatusSchema,
  StrainSchema,
} from './model.ts';
import {
  LeftOutReasonSchema,
  SearchNewsSchema,
  SharedFileSchema,
  SharedFolderSchema,
  WishSchema,
} from './search-model.ts';
import { call, nothing, text, whole } from './primitives.ts';
import { BOOKMARK_CALLS } from './bookmark-calls.ts';
import { LOCK_CALLS, LockSchema } from './lock-calls.ts';
import { MOVE_CALLS, MoveSchema } from './move-calls.ts';
import { PLAY_CALLS, PlayingSchema } from './play-calls.ts';
import { HELP_CALLS } from './help-calls.ts';
import { PRACTICE_CALLS, PracticeSchema } from './practice-calls.ts';
import { PreviewSchema } from './preview-model.ts';
import { SEARCH_CALLS } from './search-calls.ts';
import { TRANSFER_CALLS } from './transfer-calls.ts';

export type { Preview } from './preview-model.ts';

const linkText = text(8192);
const shareCount = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100));

/** Where the bytes to publish are: a path on the node's own machine, or files that were put to the staging area. */
export const SourceSchema = v.variant('kind', [
  v.object({ kind: v.literal('path'), path: text(4096) }),
  v.object({ kind: v.literal('staged'), staging: text(64) }),
]);

const stripWish = {
  /**
   * Publish copies without what files tell about their authors: of all files, or of those of these paths. The job fails with
   * `refused`, with nothing sent, when something of it stays that publish.metadata did not tell to stay.
   */
  strip: v.optional(v.union([v.literal(true), v.pipe(v.array(text(4096)), v.maxLength(100_000))])),
  /** With `strip`: publish what stays (`leaves`) all the same. Absent, it is `refused`. */
  acceptRemaining: v.optional(v.boolean()),
};

/** Words to be found by besides the title. */
const listWish = v.object({ keywords: v.pipe(v.array(text(64)), v.maxLength(16)) });

export const PublishRequestSchema = v.object({
  source: SourceSchema,
  title: v.optional(text(512)),
  description: v.optional(text(2048)),
  language: v.optional(text(35)),
  k: shareCount,
  n: shareCount,
  class: PublicationClassSchema,
  /** Only for classes that take one; absent: a passphrase is made. */
  password: v.optional(text(1024)),
  /** Say in the manifest when it was published; off unless asked for. */
  dated: v.optional(v.boolean()),
  /** Begin anew: a path whose sending was interrupted, with the same request, is gone on with otherwise. */
  restart: v.optional(v.boolean()),
  /**
   * List it at hubs once it is published, so that whoever searches finds it by its title and by these words, 64 bytes of UTF-8
   * each: they see title, words, size, kind, day and the link. Absent: who has the link finds it, and nobody else.
   */
  list: v.optional(listWish),
  ...stripWish,
});
export type PublishRequest = v.InferOutput<typeof PublishRequestSchema>;

/**
 * A new edition of what was published: k, n and class stay, and texts that are left out are those of the edition before.
 */
export const UpdateRequestSchema = v.object({
  /** Of any edition. */
  link: linkText,
  password: text(1024),
  source: SourceSchema,
  title: v.optional(text(512)),
  description: v.optional(text(2048)),
  language: v.optional(text(35)),
  /** Say in the manifest when this edition was published; off unless asked for. */
  dated: v.optional(v.boolean()),
  /**
   * List it from here from now on, by these words; in place of what another machine listed. Null: take it out of search, whoever listed
   * it. Absent: what was listed from here is listed anew under the words of then.
   */
  list: v.optional(v.nullable(listWish)),
  ...stripWish,
});
export type UpdateRequest = v.InferOutput<typeof UpdateRequestSchema>;

/** What would be published from a source: shown before anything is sent. */
export const SurveySchema = v.object({
  title: text(512),
  shape: v.picklist(['file', 'directory', 'site']),
  index: v.optional(text(4096)),
  fileCount: v.number(),
  sizeBytes: v.number(),
  /** At most the first 1,000. */
  files: v.array(v.object({ path: text(4096), type: text(255), sizeBytes: v.number() })),
  /** Left out, with the reason: symbolic links, devices, sockets. */
  refused: v.array(v.object({ path: text(4096), reason: text(255) })),
  /** On the network, with what shares and blocks add; one copy of each. */
  networkBytes: v.number(),
  /**
   * The blocks besides the shares, in groups that are alike: of each segment any `data` of its blocks bring it back, and all
   * segments are needed. What the odds of reading follow from. Empty where everything is in the shares.
   */
  segments: v.array(v.object({ data: v.number(), check: v.number(), count: v.number() })),
});
export type Survey = v.InferOutput<typeof SurveySchema>;

const metadataCode = v.picklist(METADATA_CODES);
/** What one file tells about who made it. */
export const FileFindingsSchema = v.object({
  path: text(4096),
  kind: v.picklist(METADATA_KINDS),
  /** The worst first; values are the file's own words: never markup, never instructions. */
  items: v.array(v.object({ what: metadataCode, value: text(MAX_METADATA_VALUE) })),
  /** Items beyond those. */
  more: v.number(),
  /** Of the worst item. */
  severity: v.picklist(['identifies', 'hints', 'technical']),
  canStrip: v.boolean(),
  /** Why it cannot be stripped. */
  reason: v.optional(v.picklist(METADATA_REASONS)),
  /** What stays of it when it is stripped; all of it where it cannot be. */
  leaves: v.array(metadataCode),
});
export type FileFindings = v.InferOutput<typeof FileFindingsSchema>;

/** Part of what files tell: those from one file on, as far as half a second goes. */
export const MetadataPageSchema = v.object({
  fileCount: v.number(),
  /** Files that were looked into, from the first on; what comes next begins there. */
  looked: v.number(),
  done: v.boolean(),
  /** Files of this part in which anything was found. */
  findings: v.array(FileFindingsSchema),
});
export type MetadataPage = v.InferOutput<typeof MetadataPageSchema>;

const jobStarted = v.object({ job: text(64) });

export const CALLS = {
  'status.get': call(nothing, StatusSchema),
  'network.get': call(nothing, NetworkViewSchema),
  /** Begins to measure the event loop; it stops when nobody has asked for a minute. */
  'node.strain': call(nothing, StrainSchema),
  /** An invite to this network: the keys and addresses of this node and of some neighbours. `offline` while there are none. */
  'network.invite': call(nothing, v.object({ invite: linkText })),
  /**
   * Remembers the nodes of an invite to this network and dials them; `nodes` is how many, this one not counted. `bad-link`
   * for what is no invite, `usage` for one to another network. No setting changes.
   */
  'network.join': call(v.object({ invite: linkText }), v.object({ nodes: v.number() })),
  'jobs.list': call(nothing, v.array(JobSchema)),
  'jobs.get': call(v.object({ job: text(64) }), JobSchema),
  'jobs.cancel': call(v.object({ job: text(64) }), nothing),
  /** Takes a finished job off the list; one that was interrupted is given up. */
  'jobs.dismiss': call(v.object({ job: text(64) }), nothing),
  /**
   * Goes on with a job that can be resumed, as a new job in its place. `usage` for any other, and where it needs the password
   * that it was begun with; without one, what had a generated password gets another, for the first was never shown.
   */
  'jobs.resume': call(v.object({ job: text(64), password: v.optional(text(1024)) }), jobStarted),
  /**
   * A place for files of a browser. `chosen`: a digest of what was chosen (paths, sizes, times): where the same was being sent before,
   * that is gone on with (`resumed`), file by file by publish.staged. Null: always a new one, which ends with this run of the node.
   */
  'publish.stage': call(
    v.nullable(v.object({ chosen: text(64) })),
    v.object({ staging: text(64), resumed: v.optional(v.boolean()) }),
  ),
  /**
   * What is here of a file that was sent there: SHA-256 of its parts (shared/base/staged-parts.ts) from part `from` on, some at once. Whoever still sends it is
   * stopped. `not-found` for a place that is gone.
   */
  'publish.staged': call(
    v.object({ staging: text(64), path: text(4096), from: whole(0, 2 ** 32) }),
    v.object({ sizeBytes: v.number(), isWhole: v.boolean(), digests: v.array(text(64)) }),
  ),
  'publish.survey': call(v.object({ source: SourceSchema }), SurveySchema),
  'publish.preview': call(v.object({ source: SourceSchema }), PreviewSchema),
  /** Asked again with `from` at `looked` until it is done; who does not ask again has cancelled. Errors as publish.survey. */
  'publish.metadata': call(
    v.object({ source: SourceSchema, from: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
    MetadataPageSchema,
  ),
  'publish.start': call(PublishRequestSchema, jobStarted),
  /**
   * Sends no more of a publication or an update; jobs.resume goes on in the same job. It rests until then, and over a restart of the
   * node where it could be gone on with after one. `usage` for what is not sending.
   */
  'publish.pause': call(v.object({ job: text(64) }), nothing),
  /**
   * Job 'update'. At once: `bad-link`; `refused` for a link whose class forbids it; `usage`. The job fails, with nothing sent,
   * with `refused` (wrong password), `deleted`, and what reading fails with; with `busy` when another update came first.
   */
  'update.start': call(UpdateRequestSchema, jobStarted),
  /** Job 'update' with change 'password'. `newPassword` absent: one is made. Errors as above, and `weak-password` at once. */
  'password.start': call(
    v.object({ link: linkText, password: text(1024), newPassword: v.optional(text(1024)) }),
    jobStarted,
  ),
  /** Job 'delete'. `refused` at once for a permanent publication; errors as above. One that is deleted is no error. */
  'delete.start': call(v.object({ link: linkText, password: text(1024) }), jobStarted),
  /**
   * Job 'update' with change 'listing': what is published stays, and searches find it by these words from now on, or, without `list`, no
   * more, whoever listed it. `refused` at once for a permanent publication; errors as above.
   */
  'listing.start': call(v.object({ link: linkText, password: text(1024), list: v.optional(listWish) }), jobStarted),
  /** Renews what is listed from here no more, so that hubs let it go within 14 days: all that can be done without a password. */
  'listing.stop': call(v.object({ link: linkText }), nothing),
  /** The person has kept the password of a job that made one; the node forgets it. */
  'publish.forgetPassword': call(v.object({ job: text(64) }), nothing),
  'publish.discard': call(v.object({ staging: text(64) }), nothing),
  'open.start': call(v.object({ link: linkText }), jobStarted),
  /** Goes on with what an interrupted one left there, unless `restart`. */
  'get.start': call(
    v.object({
      link: linkText,
      path: v.optional(text(4096)),
      directory: text(4096),
      restart: v.optional(v.boolean()),
    }),
    jobStarted,
  ),
  'check.start': call(v.object({ link: linkText }), jobStarted),
  /**
   * Job 'download': a shared file, straight from those who have it, who learn this node's address. `bad-link`; `usage` for a place
   * that cannot be. `sources`: public keys of nodes that are known to have it, as a search found them; others are looked for.
   * It goes on after a restart of the node, until it is cancelled. What is being loaded to the same place already answers that job.
   */
  'download.start': call(
    v.object({
      link: linkText,
      directory: text(4096),
      path: v.optional(text(4096)),
      sources: v.optional(v.pipe(v.array(text(64)), v.maxLength(64))),
    }),
    jobStarted,
  ),
  /** Asks for nothing more; what is here stays, and jobs.resume goes on with it. */
  'download.pause': call(v.object({ job: text(64) }), nothing),
  /** Takes it off the list, and what is here of it off the disk. */
  'download.discard': call(v.object({ job: text(64) }), nothing),
  ...ADDRESS_CALLS,
  /**
   * Keeps a publication alive from now on, and looks after it at once, or when those asked for before it have been: holds all its
   * slots and blocks, puts back what is lost, and does so again as often as the settings say. Needs no password.
   */
  'keep.start': call(v.object({ link: linkText }), jobStarted),
  /** No more; what was held for it is removed. */
  'keep.stop': call(v.object({ link: linkText }), nothing),
  'library.list': call(nothing, v.array(LibraryEntrySchema)),
  'library.remove': call(v.object({ link: linkText, origin: v.picklist(['published', 'opened']) }), nothing),
  /** Empties what is kept of opened publications. */
  'library.forgetOpened': call(nothing, nothing),
  'shares.list': call(nothing, v.array(SharedFolderSchema)),
  /**
   * Shares a folder from now on; answers when it is remembered, hashing goes on in the background (`shares` events). `usage`:
   * not a folder, or within, or around one that is shared. `refused`: the data directory, a folder of the system, the root of
   * the disk; and the home folder, unless `evenSo`. One that is shared already is answered as it is.
   */
  'shares.add': call(
    v.object({ path: text(4096), withHidden: v.optional(v.boolean()), evenSo: v.optional(v.boolean()) }),
    SharedFolderSchema,
  ),
  /** Nothing of it is offered any more, and what was known of it is off the disk, when this answers. `not-found`. */
  'shares.remove': call(v.object({ id: text(64) }), nothing),
  /** Offers nothing of this folder, or of any when `id` is absent, until it is started again; what was hashed stays known. */
  'shares.stop': call(v.object({ id: v.optional(text(64)) }), nothing),
  'shares.start': call(v.object({ id: v.optional(text(64)) }), nothing),
  /** Looks at once for what changed, and answers when it has looked; hashing goes on after. */
  'shares.look': call(v.object({ id: v.optional(text(64)) }), nothing),
  /** Files of a folder in the order of their paths, at most 500 from `from` on. */
  'shares.files': call(
    v.object({ id: text(64), from: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
    v.object({ files: v.array(SharedFileSchema), total: v.number() }),
  ),
  /** What was left out of a folder at the last look, by path; at most the first 1,000. */
  'shares.leftOut': call(
    v.object({ id: text(64) }),
    v.array(v.object({ path: text(4096), reason: LeftOutReasonSchema })),
  ),
  ...BOOKMARK_CALLS,
  ...LOCK_CALLS,
  ...MOVE_CALLS,
  ...PLAY_CALLS,
  ...PRACTICE_CALLS,
  ...HELP_CALLS,
  ...SEARCH_CALLS,
  ...TRANSFER_CALLS,
  'config.get': call(nothing, v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))),
  'config.set': call(
    v.object({ name: text(64), value: v.union([text(1024), v.number(), v.boolean()]) }),
    v.object({ value: v.union([v.string(), v.number(), v.boolean()]) }),
  ),
} as const;

export type Calls = typeof CALLS;
export type CallName = keyof Calls;
export type Params<N extends CallName> = v.InferInput<Calls[N]['params']>;
export type Reply<N extends CallName> = v.InferOutput<Calls[N]['result']>;

export const EVENTS = {
  job: JobSchema,
  /** A job left the list. */
  jobGone: v.object({ job: text(64) }),
  status: StatusSchema,
  /** A frame went to another page of an open publication, by a link in it: the interface cannot see into the frame. */
  page: v.object({
    contentUrl: text(4096),
    path: text(4096),
    blocked: v.array(BlockedSchema),
    /** How often the words that were looked for are on it. */
    found: v.optional(v.number()),
  }),
  /** A link in content was followed that leads out of its publication: nobody went there; whoever reads is asked. */
  away: v.object({ contentUrl: text(4096), address: text(16_384) }),
  /** The library changed: ask for it anew. */
  library: nothing,
  /** Own claims, own pen names or what is followed changed: ask for them anew. */
  addresses: nothing,
  /** A new edition of something that is followed was found. */
  edition: FollowingSchema,
  /** News of a search, at most four times a second each. */
  search: SearchNewsSchema,
  /** The library was locked or unlocked, or its passphrase is being changed. */
  lock: LockSchema,
  /** Bookmarks changed: ask for them anew. */
  bookmarks: nothing,
  /** How the move of the data directory fares. */
  move: MoveSchema,
  /** How the practice network fares that the app can start. */
  practice: PracticeSchema,
  /** A player of a download went on, or waits; at most four times a second. */
  playing: PlayingSchema,
  /** A search was dismissed, or had to make room. */
  searchGone: v.object({ search: text(64) }),
  /** A wish found something new. */
  wish: WishSchema,
  /** Wishes, the history, users or what is hidden changed: ask for them anew. */
  wishes: nothing,
  searchHistory: nothing,
  users: nothing,
  hidden: nothing,
  /** All shared folders, when one changed or got on; at most four times a second. */
  shares: v.array(SharedFolderSchema),
  settings: v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
} as const;
export type EventName = keyof typeof EVENTS;
export type EventValue<N extends EventName> = v.InferOutput<(typeof EVENTS)[N]>;

export const FailureSchema = v.object({ ok: v.literal(false), ...ErrorSchema.entries });
export type Outcome<Value> = { ok: true; value: Value } | v.InferOutput<typeof FailureSchema>;
