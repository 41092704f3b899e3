import { toHex } from '../../../shared/base/bytes.ts';
import type { NodeContext } from '../effects.ts';
import {
  ANSWER_TIMEOUT_BASE_MS,
  ANSWER_TIMEOUT_PER_HOP_MS,
  BUSY_RETRY_MS,
  MAX_PENDING,
  MAX_PENDING_INSERTS,
  MAX_FORMER_KEYS,
  STEM_ANSWER_TIMEOUT_MS,
  WALK_DEADLINE_MS,
} from '../limits.ts';
import type { Neighbour } from '../links/neighbour.ts';
import type { Neighbours } from '../links/neighbours.ts';
import type { NetworkParameters } from '../network-parameters.ts';
import type { LinkId } from '../ports.ts';
import { encodeRouteMessage, MESSAGE_ID_BYTES } from '../wire/messages.ts';
import type { RefusalType, RouteMessage, WirePriority } from '../wire/messages.ts';
import type { RecordKind } from '../wire/record.ts';
import { Accepting } from './accepting.ts';
import type { Failures } from './failures.ts';
import type { Folding } from './folding.ts';
import type { Kept } from './kept.ts';
import { locationOf } from './location.ts';
import type { Location } from './location.ts';
import type { RecentIds } from './recent-ids.ts';
import type { Statistics } from './statistics.ts';
import type { Stem } from './stem.ts';
import type { Timers } from './timers.ts';
import { noSights } from './walk.ts';
import type { Walk } from './walk.ts';

/** The parts of a node that requests and inserts work with. */
export interface RoutingParts {
  readonly context: NodeContext;
  /** This node's own place. */
  readonly location: Location;
  readonly neighbours: Neighbours;
  readonly timers: Timers;
  readonly recentIds: RecentIds;
  readonly statistics: Statistics;
  readonly network: NetworkParameters;
  readonly stem: Stem;
  readonly failures: Failures;
  readonly folding: Folding;
  readonly kept: Kept;
}

interface WalkStart {
  readonly purpose: Walk['purpose'];
  readonly id: Uint8Array;
  readonly from: Neighbour | undefined;
  readonly fromStem: boolean;
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
  /** By the id with which they went on. */
  readonly #byKey = new Map<string, Walk>();
  /** Own ones, by the ids of stems that were silent: as many as there are successors and times that all were tried. */
  readonly #byFormerKey = new Map<string, Walk>();
  /** How many stems of others are relayed, by purpose and address: one that comes by again ends. */
  readonly #onStem = new Map<string, number>();
  readonly #accepting: Accepting;
  #inserts = 0;

  constructor(parts: RoutingParts) {
    this.#parts = parts;
    this.#accepting = new Accepting(parts, (walk) => this.send(walk.from!, { type: 'accepted', id: walk.fromId }));
  }

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): Walk | undefined {
    return this.#byKey.get(key) ?? this.#byFormerKey.get(key);
  }

  all(): Walk[] {
    return [...this.#byKey.values()];
  }

  /** Whether a greedy message was here before; who sent it is told. */
  isLoop(from: Neighbour, id: Uint8Array, htl: number): boolean {
    const { recentIds, statistics, context } = this.#parts;
    if (!recentIds.has(toHex(id), context.now())) return false;
    statistics.loops += 1;
    this.refuse(from.link, 'loop', id, Math.max(0, htl - 1));
    return true;
  }

  /**
   * Whether a message of a neighbour goes on from here: not if it could not be finished in time for want of room in the
   * tables, or on the link for its answer. Who sent it is told.
   */
  admits(
    from: Neighbour,
    purpose: Walk['purpose'],
    message: { readonly id: Uint8Array; readonly priority: WirePriority },
    htl: number,
  ): boolean {
    const insertsFit = purpose === 'request' || this.#inserts < MAX_PENDING_INSERTS;
    if (!from.congested && from.mayAsk(message.priority) && this.#byKey.size < MAX_PENDING && insertsFit) return true;
    this.#parts.statistics.refused += 1;
    this.refuse(from.link, 'overload', message.id, htl);
    return false;
  }

  open(start: WalkStart): Walk {
    const { context, recentIds } = this.#parts;
    const isStem = start.from === undefined || start.fromStem;
    const id = isStem ? context.random.bytes(MESSAGE_ID_BYTES) : start.id;
    const walk: Walk = {
      purpose: start.purpose,
      from: start.from?.link,
      fromId: start.id,
      fromStem: start.fromStem,
      own: start.own,
      deadlineMs: context.now() + WALK_DEADLINE_MS,
      kind: start.kind,
      priority: start.priority,
      address: start.address,
      addressKey: toHex(start.address),
      target: locationOf(start.address),
      phase: isStem ? 'stem' : 'greedy',
      id,
      key: toHex(id),
      htl: start.htl,
      except: new Set(start.from === undefined ? [] : [start.from.link]),
      tries: 0,
      opinions: 0,
      retries: 0,
      stemFirst: 0,
      stemTry: 0,
      silentRounds: 0,
      waitingFor: undefined,
      sentMs: 0,
      late: new Map(),
      formerKeys: [],
      isOnStem: false,
      isAccepted: false,
      saidAccepted: start.from === undefined,
      timer: undefined,
      saw: noSights(),
      record: undefined,
      rank: undefined,
      ageMs: 0,
      stamp: undefined,
      stampBits: 0,
      storedRank: undefined,
      best: undefined,
      replicas: undefined,
      copies: 0,
      closed: false,
    };
    this.#byKey.set(walk.key, walk);
    if (!isStem) recentIds.add(walk.key, context.now());
    start.from?.countPending(walk.priority, 1);
    if (walk.purpose === 'insert') this.#inserts += 1;
    if (walk.from !== undefined) this.#accepting.add(walk);
    return walk;
  }

  close(walk: Walk): void {
    if (walk.closed) return;
    walk.closed = true;
    this.#byKey.delete(walk.key);
    for (const key of walk.formerKeys) this.#byFormerKey.delete(key);
    if (walk.phase === 'stem') this.#leaveStem(walk);
    this.#parts.timers.cancel(walk.timer);
    if (walk.purpose === 'insert') this.#inserts -= 1;
    const { neighbours } = this.#parts;
    if (walk.waitingFor !== undefined) neighbours.get(walk.waitingFor)?.onWithdrawn(walk.priority);
    for (const link of walk.replicas ?? []) neighbours.get(link)?.onWithdrawn(walk.priority);
    if (walk.from !== undefined) neighbours.get(walk.from)?.countPending(walk.priority, -1);
  }

  /** HTL after the hop from `from`: at the top and at one it falls only by the link's own draw (protocol, section 3). */
  htlAfter(from: Neighbour, received: number): number {
    const { maxHtl } = this.#parts.network;
    const htl = Math.min(received, maxHtl);
    if (htl === maxHtl && !from.decrementsAtTop) return htl;
    if (htl === 1 && !from.decrementsAtOne) return htl;
    return Math.max(0, htl - 1);
  }

  /**
   * The neighbour by which a stem goes on, or why it does not: it `ends` here and is routed by distance, or the way is
   * `busy`, or, of an own message, there is nobody (`none`).
   */
  stemHop(walk: Walk): Neighbour | 'ends' | 'busy' | 'none' {
    const { stem } = this.#parts;
    if (walk.from === undefined) {
      const successor = stem.ownSuccessor(walk.stemFirst, walk.except);
      if (successor === undefined) return 'none';
      return successor.takes(walk.priority) ? successor : 'busy';
    }
    const from = this.#parts.neighbours.get(walk.from);
    // Tried once and silent, or relayed here already: it goes on by distance.
    if (from === undefined || walk.tries > 0 || stem.endsOf(from) || this.#onStem.has(stemKey(walk))) return 'ends';
    const successor = stem.successorOf(from);
    if (successor === undefined) return 'ends';
    return successor.takes(walk.priority) ? successor : 'busy';
  }

  /** Sends a walk on by the stem, under an id of this link's own. */
  sendStem(walk: Walk, to: Neighbour, message: (id: Uint8Array) => RouteMessage, onSilent: () => void): void {
    this.rekey(walk);
    this.#leaveStem(walk);
    walk.except.add(to.link);
    // Own ones are not counted: one that comes back is relayed like any other, or its origin would show itself by ending it.
    if (walk.from !== undefined) {
      const key = stemKey(walk);
      this.#onStem.set(key, (this.#onStem.get(key) ?? 0) + 1);
      walk.isOnStem = true;
      this.#parts.statistics.stems += 1;
    }
    this.#sendOn(walk, to, message(walk.id), onSilent);
  }

  /** The stem of this walk ends here: a new id, all of the HTL, and on by distance. */
  beginGreedy(walk: Walk): void {
    this.#leaveStem(walk);
    walk.phase = 'greedy';
    walk.htl = this.#parts.network.maxHtl;
    walk.tries = 0;
    this.rekey(walk);
    this.#parts.recentIds.add(walk.key, this.#parts.context.now());
  }

  /** Sends a walk on by distance; `onSilent` runs if the neighbour neither accepts nor answers in time. */
  sendGreedy(walk: Walk, to: Neighbour, message: RouteMessage, onSilent: () => void): void {
    walk.except.add(to.link);
    this.#parts.neighbours.countSent(to);
    this.#parts.statistics.relayed += 1;
    this.#sendOn(walk, to, message, onSilent);
  }

  /** The neighbour took it: the rest may take as long as the hops that it has left. */
  onAccepted(walk: Walk, onSilent: () => void): void {
    this.#onWord(walk);
    walk.isAccepted = true;
    const greedyMs = ANSWER_TIMEOUT_BASE_MS + ANSWER_TIMEOUT_PER_HOP_MS * walk.htl;
    this.wait(walk, walk.phase === 'stem' ? STEM_ANSWER_TIMEOUT_MS : greedyMs, onSilent);
  }

  wait(walk: Walk, timeoutMs: number, onTimeout: () => void): void {
    this.#parts.timers.cancel(walk.timer);
    const atMs = Math.min(this.#parts.context.now() + timeoutMs, walk.deadlineMs);
    walk.timer = this.#parts.timers.set(atMs, onTimeout);
  }

  /** Ends the wait for the neighbour that was asked. */
  settle(walk: Walk, how: 'answered' | 'refused' | 'silent'): void {
    const { timers, neighbours, context, stem } = this.#parts;
    timers.cancel(walk.timer);
    const neighbour = walk.waitingFor === undefined ? undefined : neighbours.get(walk.waitingFor);
    if (how !== 'silent') this.#onWord(walk);
    else if (walk.waitingFor !== undefined) walk.late.set(walk.waitingFor, walk.sentMs);
    walk.waitingFor = undefined;
    const isSwallowed = how === 'silent' && walk.phase === 'stem';
    if (isSwallowed && walk.from === undefined && neighbour !== undefined) stem.onOwnSilent(neighbour.link);
    // Whoever is behind it may have swallowed what it took: it is passed over for a while, and not given up for it, or a
    // node that swallows could part others from their neighbours.
    if (isSwallowed && walk.isAccepted) neighbour?.onSwallowed(walk.priority, context.now());
    else if (how === 'answered') neighbour?.onAnswered(walk.priority);
    else if (how === 'refused') neighbour?.onRefused(walk.priority);
    else neighbour?.onSilent(walk.priority, context.now());
  }

  /** Notes why a try ended, and what HTL is left of it; never more than there was. */
  noteRefusal(walk: Walk, type: RefusalType, htlLeft: number): void {
    walk.htl = Math.min(walk.htl, htlLeft);
    if (type === 'overload') walk.saw.busy = true;
    else if (type === 'full') walk.saw.full = true;
    else walk.saw.walked = true;
  }

  /** What a neighbour refused is refused to who asked. Not of an own one, nor where its stem ended here. */
  passBack(walk: Walk, type: RefusalType): void {
    this.refuse(walk.from!, type, walk.fromId, walk.htl);
    this.close(walk);
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
    // Silence is asked for once more, for a link may be broken; then whoever wants the message sent begins anew.
    if (walk.saw.silent && !walk.saw.busy && (walk.silentRounds += 1) > 1) return false;
    const spreadMs = BUSY_RETRY_MS * 2 ** Math.min(walk.retries, 6);
    const waitMs = spreadMs + context.random.below(spreadMs);
    if (context.now() + waitMs >= walk.deadlineMs) return false;
    walk.retries += 1;
    walk.tries = 0;
    walk.except.clear();
    walk.saw = noSights();
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
    this.sendToAll([link], message);
  }

  /** The same message to several: encoded once, for a record is 33 KB. */
  sendToAll(links: readonly LinkId[], message: RouteMessage): void {
    const bytes = encodeRouteMessage(message);
    for (const link of links) this.#parts.context.emit({ type: 'send', link, channel: 'route', bytes });
  }

  /** One that was taken for silent says something after all; true when it is about to be taken for the answer. */
  onLate(walk: Walk, from: Neighbour, isAnswer: boolean): boolean {
    const sentMs = walk.late.get(from.link);
    if (sentMs === undefined) return false;
    const { context, neighbours } = this.#parts;
    walk.late.delete(from.link);
    from.onLate(walk.priority, context.now() - sentMs, context.now());
    if (!isAnswer) return false;
    if (walk.waitingFor !== undefined) neighbours.get(walk.waitingFor)?.onWithdrawn(walk.priority);
    walk.waitingFor = undefined;
    return true;
  }

  /** The first word of who is waited for. */
  #onWord(walk: Walk): void {
    const { context, neighbours } = this.#parts;
    if (walk.isAccepted || walk.waitingFor === undefined) return;
    neighbours.get(walk.waitingFor)?.onWord(walk.priority, context.now() - walk.sentMs, context.now());
  }

  #sendOn(walk: Walk, to: Neighbour, message: RouteMessage, onSilent: () => void): void {
    walk.tries += 1;
    walk.sentMs = this.#parts.context.now();
    walk.waitingFor = to.link;
    walk.isAccepted = false;
    to.onSent(walk.priority);
    this.send(to.link, message);
    this.wait(walk, to.patienceMs(walk.priority), onSilent);
  }

  /** Draws a new id by which the walk goes on, or asks for its copies. */
  rekey(walk: Walk): void {
    this.#byKey.delete(walk.key);
    if (walk.own !== undefined && walk.late.size > 0 && walk.formerKeys.length < MAX_FORMER_KEYS) {
      walk.formerKeys.push(walk.key);
      this.#byFormerKey.set(walk.key, walk);
    }
    walk.id = this.#parts.context.random.bytes(MESSAGE_ID_BYTES);
    walk.key = toHex(walk.id);
    this.#byKey.set(walk.key, walk);
  }

  #leaveStem(walk: Walk): void {
    if (!walk.isOnStem) return;
    walk.isOnStem = false;
    const key = stemKey(walk);
    const count = this.#onStem.get(key)!;
    if (count === 1) this.#onStem.delete(key);
    else this.#onStem.set(key, count - 1);
  }
}

/** Of the same purpose and address: what tells that a stem came by again. */
function stemKey(walk: Walk): string {
  return walk.purpose + walk.addressKey;
}
