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
  /** Shared files that others load from here: who has a slot, who waits, and what went out since the start. */
  uploads: v.object({ active: count, waiting: count, bytes: amount }),
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
