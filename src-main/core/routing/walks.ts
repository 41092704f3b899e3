import { toHex } from '../../../shared/base/bytes.ts';
import type { NodeContext } from '../effects.ts';
import {
  ACCEPT_TIMEOUT_MS,
  ANSWER_TIMEOUT_BASE_MS,
  ANSWER_TIMEOUT_PER_HOP_MS,
  BUSY_RETRY_MS,
  MAX_PENDING,
  MAX_PENDING_INSERTS,
  WALK_DEADLINE_MS,
} from '../limits.ts';
import type { NetworkParameters } from '../network-parameters.ts';
import type { LinkId } from '../ports.ts';
import { encodeRouteMessage } from '../wire/messages.ts';
import type { InsertMessage, RefusalType, RequestMessage, RouteMessage, WirePriority } from '../wire/messages.ts';
import type { RecordKind } from '../wire/record.ts';
import { locationOf } from './location.ts';
import type { Neighbour } from './neighbour.ts';
import type { Neighbours } from './neighbours.ts';
import type { RecentIds } from './recent-ids.ts';
import type { Statistics } from './statistics.ts';
import type { Timers } from './timers.ts';
import type { Walk } from './walk.ts';

/** The parts of a node that requests and inserts work with. */
export interface RoutingParts {
  readonly context: NodeContext;
  readonly neighbours: Neighbours;
  readonly timers: Timers;
  readonly recentIds: RecentIds;
  readonly statistics: Statistics;
  readonly network: NetworkParameters;
}

interface WalkStart {
  readonly purpose: Walk['purpose'];
  readonly id: Uint8Array;
  readonly from: Neighbour | undefined;
  readonly own: Walk['own'];
  readonly kind: RecordKind;
  readonly priority: WirePriority;
  readonly address: Uint8Array;
  readonly htl: number;
}

/**
 * The table of walks: admission by capacity, sending on, time-outs, and finding the walk that an answer belongs to.
 * Bounded by MAX_PENDING; beyond it messages are answered `overload`.
 */
export class Walks {
  readonly #parts: RoutingParts;
  readonly #byKey = new Map<string, Walk>();
  #inserts = 0;

  constructor(parts: RoutingParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): Walk | undefined {
    return this.#byKey.get(key);
  }

  all(): Walk[] {
    return [...this.#byKey.values()];
  }

  /**
   * Whether a message of a neighbour goes on from here: not if it was here before, nor if it could not be finished in time
   * for want of room in the tables, or on the link for its answer. Who sent it is told which.
   */
  admits(from: Neighbour, message: RequestMessage | InsertMessage): boolean {
    const { recentIds, statistics, context } = this.#parts;
    const { id, htl } = message;
    if (recentIds.has(toHex(id), context.now())) {
      statistics.loops += 1;
      this.refuse(from.link, 'loop', id, Math.max(0, htl - 1));
      return false;
    }
    const insertsFit = message.type === 'request' || this.#inserts < MAX_PENDING_INSERTS;
    if (!from.congested && from.mayAsk(message.priority) && this.#byKey.size < MAX_PENDING && insertsFit) return true;
    statistics.refused += 1;
    this.refuse(from.link, 'overload', id, htl);
    return false;
  }

  open(start: WalkStart): Walk {
    const walk: Walk = {
      purpose: start.purpose,
      id: start.id,
      key: toHex(start.id),
      from: start.from?.link,
      own: start.own,
      deadlineMs: this.#parts.context.now() + WALK_DEADLINE_MS,
      kind: start.kind,
      priority: start.priority,
      address: start.address,
      target: locationOf(start.address),
      htl: start.htl,
      except: new Set(start.from === undefined ? [] : [start.from.link]),
      tries: 0,
      retries: 0,
      waitingFor: undefined,
      timer: undefined,
      saw: { busy: false, silent: false, walked: false, full: false },
      record: undefined,
      rank: undefined,
      storedRank: undefined,
      best: undefined,
      replicas: undefined,
      copies: 0,
      ownWriteDone: false,
      closed: false,
    };
    this.#byKey.set(walk.key, walk);
    this.#parts.recentIds.add(walk.key, this.#parts.context.now());
    start.from?.countPending(walk.priority, 1);
    if (walk.purpose === 'insert') this.#inserts += 1;
    return walk;
  }

  close(walk: Walk): void {
    if (walk.closed) return;
    walk.closed = true;
    this.#byKey.delete(walk.key);
    this.#parts.timers.cancel(walk.timer);
    if (walk.purpose === 'insert') this.#inserts -= 1;
    if (walk.waitingFor !== undefined) this.#parts.neighbours.get(walk.waitingFor)?.onWithdrawn();
    for (const link of walk.replicas ?? []) this.#parts.neighbours.get(link)?.onWithdrawn();
    if (walk.from !== undefined) this.#parts.neighbours.get(walk.from)?.countPending(walk.priority, -1);
  }

  /** HTL after the hop from `from`: at the top and at one it falls only by the link's own draw (protocol, section 3). */
  htlAfter(from: Neighbour, received: number): number {
    const { maxHtl } = this.#parts.network;
    const htl = Math.min(received, maxHtl);
    if (htl === maxHtl && !from.decrementsAtTop) return htl;
    if (htl === 1 && !from.decrementsAtOne) return htl;
    return Math.max(0, htl - 1);
  }

  /** Sends a walk on; `onSilent` runs if the neighbour neither accepts nor answers in time. */
  sendOn(walk: Walk, to: Neighbour, message: RouteMessage, onSilent: () => void): void {
    walk.tries += 1;
    walk.except.add(to.link);
    walk.waitingFor = to.link;
    to.onSent();
    if (walk.from !== undefined) this.#parts.statistics.relayed += 1;
    this.send(to.link, message);
    this.wait(walk, ACCEPT_TIMEOUT_MS, onSilent);
  }

  /** The neighbour took it: the rest may take as long as the hops that it has left. */
  onAccepted(walk: Walk, onSilent: () => void): void {
    this.wait(walk, ANSWER_TIMEOUT_BASE_MS + ANSWER_TIMEOUT_PER_HOP_MS * walk.htl, onSilent);
  }

  wait(walk: Walk, timeoutMs: number, onTimeout: () => void): void {
    this.#parts.timers.cancel(walk.timer);
    const atMs = Math.min(this.#parts.context.now() + timeoutMs, walk.deadlineMs);
    walk.timer = this.#parts.timers.set(atMs, onTimeout);
  }

  /** Ends the wait for the neighbour that was asked. */
  settle(walk: Walk, how: 'answered' | 'refused' | 'silent'): void {
    this.#parts.timers.cancel(walk.timer);
    const neighbour = walk.waitingFor === undefined ? undefined : this.#parts.neighbours.get(walk.waitingFor);
    walk.waitingFor = undefined;
    if (how === 'answered') neighbour?.onAnswered();
    else if (how === 'refused') neighbour?.onRefused();
    else neighbour?.onSilent();
  }

  /** Notes why a try ended, and what HTL is left of it; never more than there was. */
  noteRefusal(walk: Walk, type: RefusalType, htlLeft: number): void {
    walk.htl = Math.min(walk.htl, htlLeft);
    if (type === 'overload') walk.saw.busy = true;
    else if (type === 'full') walk.saw.full = true;
    else walk.saw.walked = true;
  }

  /** A silent hop took the message nobody knows how far: it costs two hops. */
  noteSilence(walk: Walk): void {
    walk.htl = Math.max(0, walk.htl - 2);
    walk.saw.silent = true;
  }

  /**
   * An own walk that found all ways busy or silent begins anew after a while, with another draw of the wait so that
   * many do not return at once. False when its time is up.
   */
  retryOwn(walk: Walk, again: () => void): boolean {
    const { context } = this.#parts;
    if (walk.own === undefined) return false;
    const spreadMs = BUSY_RETRY_MS * 2 ** Math.min(walk.retries, 6);
    const waitMs = spreadMs + context.random.below(spreadMs);
    if (context.now() + waitMs >= walk.deadlineMs) return false;
    walk.retries += 1;
    walk.tries = 0;
    walk.htl = this.#parts.network.maxHtl;
    walk.except.clear();
    walk.saw = { busy: false, silent: false, walked: false, full: false };
    this.wait(walk, waitMs, again);
    return true;
  }

  expired(walk: Walk): boolean {
    return this.#parts.context.now() >= walk.deadlineMs;
  }

  refuse(link: LinkId, type: RefusalType, id: Uint8Array, htl: number): void {
    this.send(link, { type, id, htl });
  }

  send(link: LinkId, message: RouteMessage): void {
    this.#parts.context.emit({ type: 'send', link, channel: 'route', bytes: encodeRouteMessage(message) });
  }
}
