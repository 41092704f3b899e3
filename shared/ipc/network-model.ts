/** The node as it is shown: its neighbours, its traffic, its store, and how its own requests fare. */
import * as v from 'valibot';
import { amount, count, place, shortText } from './primitives.ts';

export const NeighbourSchema = v.object({
  /** First eight letters of its key, in fours, as neighbours are named everywhere. */
  name: shortText,
  publicKey: shortText,
  state: v.picklist(['connecting', 'connected']),
  place: v.optional(place),
  /** Length of the link on the circle, 0 ... 0.5. */
  distance: v.optional(amount),
  roundTripMs: v.optional(amount),
  /** What carries the link. */
  path: v.optional(v.picklist(['udx', 'tcp', 'relay'])),
  /** Of the neighbour that carries it, where the two ends cannot reach each other: as neighbours are named. */
  relay: v.optional(shortText),
  /** Share of requests sent there that were answered, 0 ... 1, once there were some. */
  answered: v.optional(amount),
  /** It takes no more bulk messages of ours now (its send window or the link is full), or has been silent lately. */
  busy: v.boolean(),
  inBytes: amount,
  outBytes: amount,
  sinceMs: v.number(),
});
export type Neighbour = v.InferOutput<typeof NeighbourSchema>;

/**
 * What strangers and neighbours did to this node that they should not, or more often than they should. Some of it happens among
 * honest nodes too: ids come twice, answers come late, and there is no room at times.
 */
export const FAULT_KINDS = [
  /** Messages that cannot be read, or fail their check. */
  'garbage',
  /** Links that were closed for it. */
  'hung-up',
  /** Frames that no transport of ours sends; what claims to be longer than anything may be; more than was granted. */
  'broken-frames',
  'oversized',
  'overrun',
  /** Links whose other end did not take what was sent to it. */
  'too-slow',
  /** Connections whose other end never said who it is; links whose other end never said hello. */
  'handshake',
  'no-hello',
  /** Connections turned away because too many were just being made, or because there are links enough. */
  'crowded',
  'no-room',
  /** Messages put off because their sender had too much under way; inserts beyond what a neighbour may have stored in a day. */
  'overload',
  'over-budget',
  /** Seconds in which one link brought thousands of short messages. */
  'flood',
  /** Messages under an id that was here before; answers for which nothing waits. */
  'repeated',
  'stray',
  /** Signed slots of one version that differ. */
  'contradiction',
] as const;
export const FaultKindSchema = v.picklist(FAULT_KINDS);
export type FaultKind = v.InferOutput<typeof FaultKindSchema>;

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
  /** Since the start; only those that there were. */
  faults: v.record(FaultKindSchema, v.optional(count)),
  /** Shared files that others load from here: who has a slot, who waits, and what went out since the start. */
  uploads: v.object({ active: count, waiting: count, bytes: amount }),
  /** Links between others that this node carries, those now, and bytes since the start; and links of its own that others carry now. */
  relay: v.optional(v.object({ streams: count, streamsInAll: count, bytes: amount, links: count })),
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

const spreadOfTurns = v.object({ median: amount, p99: amount, most: amount, samples: count });

/** How the process of the node fares, for who looks for the cause of something. */
export const StrainSchema = v.object({
  /** What the event loop came late by, in milliseconds, since the call before this; absent at the first one. */
  lateMs: v.optional(spreadOfTurns),
  /** What its own work took of the processor from one look at the clock to the next, 10 ms later or when it got there. */
  busyMs: v.optional(spreadOfTurns),
  memory: v.object({ residentBytes: amount, heapBytes: amount, outsideBytes: amount }),
  /** Entries of each bounded table of the core. */
  tables: v.record(shortText, count),
});
export type Strain = v.InferOutput<typeof StrainSchema>;

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
