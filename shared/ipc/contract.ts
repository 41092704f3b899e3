/**
 * The one typed contract between the interface (renderer or command line) and the node. It travels over a WebSocket
 * (headless) or a MessagePort (Electron). Long work is a job: a call starts it and returns its id, `job` events tell
 * its progress, at most four times a second each. File bytes never travel here: in a browser they are put to the staging area
 * over HTTP, in Electron and from the command line a path is named.
 */
import * as v from 'valibot';
import {
  ErrorSchema,
  JobSchema,
  LibraryEntrySchema,
  NetworkViewSchema,
  PublicationClassSchema,
  StatusSchema,
} from './model.ts';

const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const linkText = text(8192);
const shareCount = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100));

/** Where the bytes to publish are: a path on the node's own machine, or files that were put to the staging area. */
export const SourceSchema = v.variant('kind', [
  v.object({ kind: v.literal('path'), path: text(4096) }),
  v.object({ kind: v.literal('staged'), staging: text(64) }),
]);

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
});
export type PublishRequest = v.InferOutput<typeof PublishRequestSchema>;

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

const call = <P extends v.GenericSchema, R extends v.GenericSchema>(params: P, result: R) => ({ params, result });
const jobStarted = v.object({ job: text(64) });
const nothing = v.null();

export const CALLS = {
  'status.get': call(nothing, StatusSchema),
  'network.get': call(nothing, NetworkViewSchema),
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
  /** Takes a finished job off the list. */
  'jobs.dismiss': call(v.object({ job: text(64) }), nothing),
  'publish.stage': call(nothing, v.object({ staging: text(64) })),
  'publish.survey': call(v.object({ source: SourceSchema }), SurveySchema),
  'publish.start': call(PublishRequestSchema, jobStarted),
  /** The person has kept the password; the node forgets it. */
  'publish.forgetPassword': call(v.object({ job: text(64) }), nothing),
  'publish.discard': call(v.object({ staging: text(64) }), nothing),
  'open.start': call(v.object({ link: linkText }), jobStarted),
  'get.start': call(v.object({ link: linkText, path: v.optional(text(4096)), directory: text(4096) }), jobStarted),
  'check.start': call(v.object({ link: linkText }), jobStarted),
  'library.list': call(nothing, v.array(LibraryEntrySchema)),
  'library.remove': call(v.object({ link: linkText, origin: v.picklist(['published', 'opened']) }), nothing),
  /** Empties what is kept of opened publications. */
  'library.forgetOpened': call(nothing, nothing),
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
  page: v.object({ contentUrl: text(4096), path: text(4096) }),
  /** The library changed: ask for it anew. */
  library: nothing,
  settings: v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
} as const;
export type EventName = keyof typeof EVENTS;
export type EventValue<N extends EventName> = v.InferOutput<(typeof EVENTS)[N]>;

export const FailureSchema = v.object({ ok: v.literal(false), ...ErrorSchema.entries });
export type Outcome<Value> = { ok: true; value: Value } | v.InferOutput<typeof FailureSchema>;
