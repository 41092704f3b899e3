import type { EffectId, InsertResult, NodeEvent } from '../effects.ts';
import { COPIES, MAX_HTL, MAX_TRIES, OWN_SUCCESSORS, REPLICATE_TIMEOUT_MS } from '../limits.ts';
import type { Neighbour } from '../links/neighbour.ts';
import type { KnownNode, PutOutcome } from '../ports.ts';
import type {
  InsertMessage,
  RefusalType,
  StemInsertMessage,
  StoredMessage,
  UnderpaidMessage,
} from '../wire/messages.ts';
import { contradict, decodeRecord, KIND_CONTENT, storeEntry, verifyRecord } from '../wire/record.ts';
import { distance } from './location.ts';
import type { Replicas } from './replicas.ts';
import { stampBits } from '../wire/stamp-bits.ts';
import type { Toll } from './toll.ts';
import type { Walk } from './walk.ts';
import type { RoutingParts, Walks } from './walks.ts';

/**
 * Inserts: by the stem, then greedy to the node nearest on the way (a local minimum, the sink), which stores the record and
 * has its nearest neighbours store it too, COPIES in all, before it answers (protocol, section 3). Others on the greedy way
 * cache.
 */
export class Inserts {
  readonly #parts: RoutingParts;
  readonly #walks: Walks;
  readonly #replicas: Replicas;
  readonly #toll: Toll;
  /** Writes at the sink. */
  readonly #sinkWrites = new Map<EffectId, Walk>();
  /** Reads at the sink, of what it holds already. */
  readonly #sinkReads = new Map<EffectId, Walk>();
  /** Own inserts whose stamps are being found. */
  readonly #stamping = new Map<EffectId, Walk>();

  constructor(parts: RoutingParts, walks: Walks, replicas: Replicas, toll: Toll) {
    this.#parts = parts;
    this.#walks = walks;
    this.#replicas = replicas;
    this.#toll = toll;
  }

  /** Undefined, and garbage to the caller, when the record does not verify. */
  startOwn(event: Extract<NodeEvent, { type: 'insert' }>): Walk | undefined {
    const { context, network } = this.#parts;
    const verified = verifyRecord(context.crypto, event.record, undefined, network.payloadBytes);
    if (!verified.ok) return undefined;
    const { record, address } = verified.value;
    const walk = this.#walks.open({
      purpose: 'insert',
      id: NO_ID,
      from: undefined,
      fromStem: false,
      own: { operation: event.operation, skipOwn: true },
      kind: record.kind,
      priority: event.priority,
      address,
      htl: network.maxHtl,
    });
    walk.record = event.record;
    this.#findStamp(walk, network.stampBits);
    return walk;
  }

  onStamped(effect: EffectId, stamp: Uint8Array | undefined): void {
    const walk = this.#stamping.get(effect);
    this.#stamping.delete(effect);
    if (walk === undefined || walk.closed) return;
    if (stamp === undefined) {
      this.#finishOwn(walk, { ok: false, code: 'busy', retries: walk.retries });
      this.#walks.close(walk);
      return;
    }
    walk.stamp = stamp;
    this.#onStem(walk);
  }

  onMessage(from: Neighbour, message: InsertMessage): void {
    const { id, htl } = message;
    if (this.#walks.isLoop(from, id, htl) || !this.#walks.admits(from, 'insert', message, htl)) return;
    const walk = this.#accept(from, message, false, this.#walks.htlAfter(from, htl));
    if (walk !== undefined) this.#onGreedy(walk);
  }

  onStemMessage(from: Neighbour, message: StemInsertMessage): void {
    if (!this.#walks.admits(from, 'insert', message, 0)) return;
    const walk = this.#accept(from, message, true, this.#parts.network.maxHtl);
    if (walk !== undefined) this.#onStem(walk);
  }

  onWriteDone(effect: EffectId, outcome: PutOutcome): void {
    const walk = this.#sinkWrites.get(effect);
    this.#sinkWrites.delete(effect);
    if (walk === undefined || walk.closed) return;
    if (outcome === 'full') {
      // Who asks for copies is taken to have one and to look after them (kept.ts): who cannot is no sink.
      this.#walks.refuse(walk.from!, 'full', walk.fromId, walk.htl);
      this.#walks.close(walk);
      return;
    }
    walk.copies = 1;
    if (outcome === 'stored') this.#toll.onStored(walk.record!.length);
    this.#parts.kept.add(walk.addressKey, walk.address, walk.stamp!, undefined, outcome === 'stored');
    if (walk.kind === KIND_CONTENT || outcome === 'stored') {
      this.#replicate(walk, walk.record!);
      return;
    }
    const read = this.#parts.context.nextEffect();
    this.#sinkReads.set(read, walk);
    this.#parts.context.emit({ type: 'read', effect: read, address: walk.address });
  }

  /** The version of a slot that a sink holds already came; true if the read was for this. */
  onReadDone(effect: EffectId, record: Uint8Array | undefined): boolean {
    const walk = this.#sinkReads.get(effect);
    if (walk === undefined) return false;
    this.#sinkReads.delete(effect);
    if (walk.closed) return true;
    if (record !== undefined && this.#contradicts(record, walk.record!)) this.#parts.statistics.contradictions += 1;
    this.#replicate(walk, record ?? walk.record!);
    return true;
  }

  #contradicts(held: Uint8Array, given: Uint8Array): boolean {
    const { payloadBytes } = this.#parts.network;
    const [one, other] = [decodeRecord(held, payloadBytes), decodeRecord(given, payloadBytes)];
    return one.ok && other.ok && contradict(one.value, other.value);
  }

  onStored(from: Neighbour, walk: Walk, message: StoredMessage): void {
    this.#walks.settle(walk, 'answered');
    from.useful += 1;
    const isGreedy = walk.phase === 'greedy';
    const { folding, context } = this.#parts;
    const offer = isGreedy ? folding.pass(from, message.offer, walk.target, walk.fromStem) : undefined;
    const hops = isGreedy ? Math.min(message.hops + 1, 2 * MAX_HTL) : message.hops;
    if (isGreedy && walk.kind === KIND_CONTENT) {
      const entry = { address: walk.address, record: walk.record!, kind: 'content', place: 'cache' } as const;
      context.emit({ type: 'write', effect: undefined, entry });
    }
    this.#stored(walk, Math.max(1, Math.min(message.copies, COPIES)), hops, offer);
  }

  /** A neighbour ended its part in the copies of this sink. */
  onReplicaEnded(walk: Walk, from: Neighbour, how: 'stored' | 'refused' | 'silent'): void {
    const { kept } = this.#parts;
    walk.replicas?.delete(from.link);
    if (how === 'stored') {
      walk.copies += 1;
      from.onAnswered(walk.priority);
      kept.addHolder(walk.addressKey, from.key);
    } else if (how === 'refused') {
      from.onRefused(walk.priority);
    } else {
      from.onSilent(walk.priority, this.#parts.context.now());
    }
    if (how !== 'stored') kept.lookAgainLater();
    this.#finishSink(walk);
  }

  onRefusal(walk: Walk, type: RefusalType, htlLeft: number): void {
    this.#walks.settle(walk, type === 'overload' ? 'refused' : 'answered');
    if (walk.phase === 'stem') return this.#stemRefused(walk, type);
    this.#walks.noteRefusal(walk, type, htlLeft);
    // Who was asked has it already, by another way, for a hop before was slow: to go round it would make one more sink, and send a
    // record for each that is slow. Only where the stem ended is another way tried.
    if (type === 'loop' && !walk.fromStem) return this.#walks.passBack(walk, type);
    return this.#onGreedy(walk);
  }

  /** A hop asks for more work than the stamp shows: the origin does it, or gives up when it is too much. */
  onUnderpaid(walk: Walk, message: UnderpaidMessage): void {
    this.#walks.settle(walk, 'answered');
    if (walk.from !== undefined) {
      this.#walks.send(walk.from, { type: 'underpaid', id: walk.fromId, bits: message.bits });
      this.#walks.close(walk);
    } else if (this.#toll.isFair(message.bits) && message.bits > walk.stampBits) {
      this.#findStamp(walk, message.bits);
    } else {
      walk.saw.full = true;
      this.#otherStem(walk);
    }
  }

  onSilent(walk: Walk): void {
    this.#walks.settle(walk, 'silent');
    if (walk.phase === 'stem') {
      walk.saw.silent = true;
      // Who took it and says nothing may have passed it on: only the origin tries again, by another successor.
      if (walk.own === undefined && walk.isAccepted) return this.#walks.close(walk);
      return this.#otherStem(walk);
    }
    this.#walks.noteSilence(walk);
    return this.#onGreedy(walk);
  }

  #findStamp(walk: Walk, bits: number): void {
    const { context } = this.#parts;
    const effect = context.nextEffect();
    walk.stampBits = bits;
    this.#stamping.set(effect, walk);
    context.emit({ type: 'stamp', effect, address: walk.address, bits });
  }

  #accept(
    from: Neighbour,
    message: InsertMessage | StemInsertMessage,
    fromStem: boolean,
    htl: number,
  ): Walk | undefined {
    const { context, network, statistics, failures } = this.#parts;
    const { id, priority, record: bytes, stamp } = message;
    const verified = verifyRecord(context.crypto, bytes, undefined, network.payloadBytes);
    if (!verified.ok || stampBits(context.crypto, verified.value.address, stamp) < network.stampBits) {
      from.garbage += 1;
      statistics.garbage += 1;
      return undefined;
    }
    if (!this.#toll.spend(from, bytes.length)) {
      statistics.overBudget += 1;
      this.#walks.refuse(from.link, 'full', id, htl);
      return undefined;
    }
    const { record, address } = verified.value;
    const walk = this.#walks.open({
      purpose: 'insert',
      id,
      from,
      fromStem,
      own: undefined,
      kind: record.kind,
      priority,
      address,
      htl,
    });
    walk.record = bytes;
    walk.stamp = stamp;
    failures.clear(walk.addressKey);
    return walk;
  }

  #onStem(walk: Walk): void {
    const hop = this.#walks.stemHop(walk);
    if (hop === 'ends') return this.#endStem(walk);
    if (hop === 'busy') walk.saw.busy = true;
    if (hop === 'busy' || hop === 'none') return this.#giveUp(walk);
    const { priority } = walk;
    const [stamp, record] = [walk.stamp!, walk.record!];
    const message = (id: Uint8Array) => ({ type: 'stemInsert', id, priority, stamp, record }) as const;
    this.#walks.sendStem(walk, hop, message, () => this.onSilent(walk));
    return undefined;
  }

  #endStem(walk: Walk): void {
    this.#walks.beginGreedy(walk);
    this.#onGreedy(walk);
  }

  #stemRefused(walk: Walk, type: RefusalType): void {
    if (type === 'overload') walk.saw.busy = true;
    else if (type === 'full') walk.saw.full = true;
    else walk.saw.walked = true;
    // A relay passes it back: if each ended the stem anew, one insert would be routed as often as its stem is long.
    return type === 'overload' || walk.own === undefined ? this.#giveUp(walk) : this.#otherStem(walk);
  }

  #otherStem(walk: Walk): void {
    if (walk.own === undefined) return this.#endStem(walk);
    walk.stemTry += 1;
    if (walk.stemTry < OWN_SUCCESSORS && !this.#walks.expired(walk)) return this.#onStem(walk);
    walk.stemTry = 0;
    return this.#giveUp(walk);
  }

  #onGreedy(walk: Walk): void {
    const { neighbours, location, context } = this.#parts;
    const { id, priority, htl, target, except } = walk;
    const own = distance(location, target);
    const from = walk.from === undefined ? undefined : neighbours.get(walk.from);
    const over = htl <= 0 || walk.tries >= MAX_TRIES || this.#walks.expired(walk);
    const wish = { target, priority, except, within: own, avoid: from?.location, failed: NEVER };
    const choice = over ? { neighbour: undefined, busy: false } : neighbours.nearest(wish, context.now());
    if (choice.neighbour !== undefined) {
      const [stamp, record] = [walk.stamp!, walk.record!];
      const message = { type: 'insert', id, priority, htl, stamp, record } as const;
      this.#walks.sendGreedy(walk, choice.neighbour, message, () => this.onSilent(walk));
      return;
    }
    if (choice.busy && walk.tries === 0) {
      // Nearer neighbours are there but busy: better that the sender waits than that the record settles short of its place.
      this.#parts.statistics.refused += 1;
      this.#walks.refuse(walk.from!, 'overload', walk.fromId, htl);
      this.#walks.close(walk);
    } else if (!walk.fromStem && walk.tries === 0 && htl > 0 && isNearer(from, target, own)) {
      // It was sent here for the sake of a neighbour that is gone: who sent it is nearer than this node.
      this.#walks.refuse(walk.from!, 'noRoute', walk.fromId, htl);
      this.#walks.close(walk);
    } else {
      this.#becomeSink(walk);
    }
  }

  /**
   * It is stored here first: neighbours are asked for copies of what is held then, for of a slot it may be a better
   * version, and not at all where there is no room.
   */
  #becomeSink(walk: Walk): void {
    const { context, network, timers, statistics } = this.#parts;
    timers.cancel(walk.timer);
    // It was verified when it came.
    const decoded = decodeRecord(walk.record!, network.payloadBytes);
    if (!decoded.ok) return this.#walks.close(walk);
    const bits = this.#toll.bits();
    if (stampBits(context.crypto, walk.address, walk.stamp!) < bits) {
      statistics.underpaid += 1;
      this.#walks.send(walk.from!, { type: 'underpaid', id: walk.fromId, bits });
      return this.#walks.close(walk);
    }
    const effect = context.nextEffect();
    this.#sinkWrites.set(effect, walk);
    const entry = storeEntry(walk.address, decoded.value, walk.record!, 'store');
    context.emit({ type: 'write', effect, entry: { ...entry, stamp: walk.stamp! } });
    return undefined;
  }

  #replicate(walk: Walk, record: Uint8Array): void {
    const { neighbours, context } = this.#parts;
    // Of a hop that was taken for silent an answer may still come by the old id: it is none to the question for a copy.
    this.#walks.rekey(walk);
    const others = this.#replicas.send(walk, record);
    walk.replicas = new Set(others.map((neighbour) => neighbour.link));
    if (others.length === 0) return this.#finishSink(walk);
    this.#walks.wait(walk, Math.min(REPLICATE_TIMEOUT_MS, walk.deadlineMs - context.now()), () => {
      for (const link of walk.replicas ?? []) {
        const neighbour = neighbours.get(link);
        if (neighbour !== undefined) this.onReplicaEnded(walk, neighbour, 'silent');
      }
    });
    return undefined;
  }

  #finishSink(walk: Walk): void {
    if (walk.closed || walk.replicas === undefined || walk.replicas.size > 0) return;
    const offer = walk.fromStem ? undefined : this.#parts.folding.atSource();
    this.#stored(walk, walk.copies, 0, offer);
  }

  #stored(walk: Walk, copies: number, hops: number, offer: KnownNode | undefined): void {
    if (walk.from !== undefined) {
      const message = { type: 'stored', id: walk.fromId, hops, copies } as const;
      this.#walks.send(walk.from, offer === undefined ? message : { ...message, offer });
    }
    this.#finishOwn(walk, { ok: true, copies, hops, retries: walk.retries });
    this.#walks.close(walk);
  }

  /** The stem of this insert came to nothing: who sent it is told why; an own one begins anew after a while. */
  #giveUp(walk: Walk): void {
    const { busy, silent, full, walked } = walk.saw;
    if (walk.from !== undefined) {
      this.#walks.refuse(walk.from, busy ? 'overload' : full ? 'full' : 'noRoute', walk.fromId, 0);
    } else {
      if ((busy || silent || walked) && this.#walks.retryOwn(walk, () => this.#onStem(walk))) return;
      const code = full ? 'full' : busy ? 'busy' : silent ? 'timeout' : 'no-route';
      this.#finishOwn(walk, { ok: false, code, retries: walk.retries });
    }
    this.#walks.close(walk);
  }

  #finishOwn(walk: Walk, result: InsertResult): void {
    if (walk.own === undefined) return;
    if (result.ok) this.#parts.statistics.answered += 1;
    this.#parts.context.emit({ type: 'insertDone', operation: walk.own.operation, result });
  }
}

/** Own messages have none: every link of their stem has its own. */
const NO_ID = new Uint8Array(0);
const NEVER = (): boolean => false;

function isNearer(neighbour: Neighbour | undefined, target: number, than: number): boolean {
  return neighbour?.location !== undefined && distance(neighbour.location, target) < than;
}
