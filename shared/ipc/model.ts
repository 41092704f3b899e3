/** The things that the interface and the node talk about. Bytes never travel here: links, numbers and words do. */
import * as v from 'valibot';
import { ERROR_CODES } from '../base/errors.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const amount = v.pipe(v.number(), v.minValue(0));
/** A place on the circle of keys, as a fraction of it from 0 (at the top) clockwise to 1. */
const place = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const shortText = v.pipe(v.string(), v.maxLength(4096));

export const ErrorSchema = v.object({ code: v.picklist(ERROR_CODES), message: shortText });
export type ErrorInfo = v.InferOutput<typeof ErrorSchema>;

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
  edition: count,
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

export const JobStateSchema = v.picklist(['running', 'done', 'failed', 'cancelled']);
export type JobState = v.InferOutput<typeof JobStateSchema>;

const jobBase = {
  id: shortText,
  title: shortText,
  state: JobStateSchema,
  startedMs: v.number(),
  finishedMs: v.optional(v.number()),
  error: v.optional(ErrorSchema),
  /** Present while a rate is known; never guessed. */
  bytesPerSecond: v.optional(amount),
  secondsLeft: v.optional(amount),
};

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
  shares: v.array(ShareSchema),
  fetchedBack: v.array(ShareSchema),
  /** Generated for this publication; until acknowledged by publish.forgetPassword, or the job is dismissed. */
  password: v.optional(shortText),
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
});
export type CheckJob = v.InferOutput<typeof CheckJobSchema>;

export const JobSchema = v.variant('kind', [PublishJobSchema, OpenJobSchema, GetJobSchema, CheckJobSchema]);
export type Job = v.InferOutput<typeof JobSchema>;

export const HealthSchema = v.object({
  /** Share states by index when last checked. */
  shares: v.array(ShareSchema),
  checkedMs: v.number(),
  retrievable: v.boolean(),
});
export type Health = v.InferOutput<typeof HealthSchema>;

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
  /** When it was published or last opened on this machine. */
  atMs: v.number(),
  health: v.optional(HealthSchema),
});
export type LibraryEntry = v.InferOutput<typeof LibraryEntrySchema>;

export const NeighbourSchema = v.object({
  /** First eight letters of its key, in fours, as neighbours are named everywhere. */
  name: shortText,
  publicKey: shortText,
  state: v.picklist(['connecting', 'connected']),
  place: v.optional(place),
  /** Length of the link on the circle, 0 ... 0.5. */
  distance: v.optional(amount),
  roundTripMs: v.optional(amount),
  /** Share of requests sent there that were answered, 0 ... 1, once there were some. */
  answered: v.optional(amount),
  /** It takes no more bulk messages of ours now (its send window or the link is full), or has been silent lately. */
  busy: v.boolean(),
  inBytes: amount,
  outBytes: amount,
  sinceMs: v.number(),
});
export type Neighbour = v.InferOutput<typeof NeighbourSchema>;

export const StatusSchema = v.object({
  publicKey: shortText,
  name: shortText,
  place,
  network: shortText,
  links: count,
  targetLinks: count,
  dht: v.optional(shortText),
  store: v.object({ usedBytes: amount, quotaBytes: amount, blocks: count }),
  opened: v.object({ usedBytes: amount, quotaBytes: amount, blocks: count }),
  traffic: v.object({
    inBytes: amount,
    outBytes: amount,
    inBytesPerSecond: amount,
    outBytesPerSecond: amount,
  }),
  requests: v.object({
    started: count,
    answered: count,
    /** Messages that failed their check, by neighbours; each counted against its sender. */
    garbage: count,
    refused: count,
  }),
  role: v.picklist(['leaf', 'hub']),
  uptimeSeconds: amount,
  startedMs: v.number(),
  /** Since when there has been no neighbour; absent while there is one. */
  offlineSinceMs: v.optional(v.number()),
  /** Half of the arc round this node that holds nine of ten of the keys kept here; absent while nothing is kept. */
  keptSpan: v.optional(amount),
  version: shortText,
  dataDirectory: shortText,
  diskFreeBytes: v.optional(amount),
});
export type Status = v.InferOutput<typeof StatusSchema>;

/** One sample of traffic; the node keeps an hour at one in ten seconds. */
export const TrafficSampleSchema = v.object({
  atMs: v.number(),
  inBytesPerSecond: amount,
  outBytesPerSecond: amount,
});
export type TrafficSample = v.InferOutput<typeof TrafficSampleSchema>;

/** The key that this node asked for last. Which neighbour it went to is on no screen: all its own messages begin there. */
export const LastRequestSchema = v.object({ place, outcome: shortText });

/**
 * How a request or an insert of this node ended. here: this node had it itself, so that the network was not asked;
 * not-found: asked where it should be, and nobody had it; full: nobody there had room.
 */
export const RequestOutcomeSchema = v.picklist([
  'found',
  'stored',
  'not-found',
  'busy',
  'no-route',
  'full',
  'timeout',
  'here',
  'cancelled',
]);
export type LoggedOutcome = v.InferOutput<typeof RequestOutcomeSchema>;

/** One that ended. What was asked for is not in it, on purpose: that stays between the node and its neighbours. */
export const LoggedRequestSchema = v.object({
  atMs: v.number(),
  kind: v.picklist(['request', 'insert']),
  priority: v.picklist(['interactive', 'bulk']),
  outcome: RequestOutcomeSchema,
  /** Greedy hops to where it was found or stored; 0 where the stem ended. */
  hops: v.optional(count),
  afterMs: amount,
});
export type LoggedRequest = v.InferOutput<typeof LoggedRequestSchema>;

const spreadOf = v.object({ median: amount, p90: amount });

export const RequestSummarySchema = v.object({
  /** All that ended in the time, the next two included. */
  total: count,
  /** Only outcomes that there were. */
  outcomes: v.record(RequestOutcomeSchema, v.optional(count)),
  /**
   * Found and stored, of all that the network could have answered so: without here, cancelled and not-found, of which
   * nobody can tell whether the way or the thing was missing. Absent while there is none of them.
   */
  success: v.optional(amount),
  /** Of those found or stored; absent while there is none. */
  hops: v.optional(spreadOf),
  afterMs: v.optional(spreadOf),
});
export type RequestSummary = v.InferOutput<typeof RequestSummarySchema>;

/** The requests and inserts of this node that ended last: the newest 200, oldest first, and what they come to. */
export const RequestsSchema = v.object({
  recent: v.array(LoggedRequestSchema),
  /** Those of the last ten minutes, as far as they are among the newest 200. */
  lately: RequestSummarySchema,
  whole: RequestSummarySchema,
});
export type Requests = v.InferOutput<typeof RequestsSchema>;

export const NetworkViewSchema = v.object({
  neighbours: v.array(NeighbourSchema),
  lastRequest: v.optional(LastRequestSchema),
  requests: RequestsSchema,
  history: v.array(TrafficSampleSchema),
});
export type NetworkView = v.InferOutput<typeof NetworkViewSchema>;
