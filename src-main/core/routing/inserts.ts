import type { EffectId, InsertResult, NodeEvent } from '../effects.ts';
import { COPIES, MAX_HTL, MAX_PENDING_INSERTS, MAX_TRIES, REPLICATE_TIMEOUT_MS } from '../limits.ts';
import type { LinkId, PutOutcome } from '../ports.ts';
import { MESSAGE_ID_BYTES, PRIORITY_BULK, STAMP_BYTES } from '../wire/messages.ts';
import type { InsertMessage, RefusalType, ReplicateMessage } from '../wire/messages.ts';
import { KIND_CONTENT, storeEntry, verifyRecord } from '../wire/record.ts';
import type { BlockRecord } from '../wire/record.ts';
import { distance } from './location.ts';
import type { Location } from './location.ts';
import type { Neighbour } from './neighbour.ts';
import type { Walk } from './walk.ts';
import type { RoutingParts, Walks } from './walks.ts';

const NO_STAMP = new Uint8Array(STAMP_BYTES);

/**
 * Inserts: greedy to the node nearest on the way (a local minimum, the sink), which stores the record and has its
 * nearest neighbours store it too, COPIES in all, before it answers (protocol, section 3). Those on the way cache.
 */
export class Inserts {
  readonly #parts: RoutingParts;
  readonly #walks: Walks;
  readonly #ownLocation: () => Location;
  /** Writes at the sink. */
  readonly #sinkWrites = new Map<EffectId, Walk>();
  /** Reads at the sink, of what it holds already. */
  readonly #sinkReads = new Map<EffectId, Walk>();
  /** Copies being written for a sink; bounded by MAX_PENDING_INSERTS, beyond it `overload`. */
  readonly #replicaWrites = new Map<EffectId, { readonly link: LinkId; readonly id: Uint8Array }>();

  constructor(parts: RoutingParts, walks: Walks, ownLocation: () => Location) {
    this.#parts = parts;
    this.#walks = walks;
    this.#ownLocation = ownLocation;
  }

  /** Undefined, and garbage to the caller, when the record does not verify. */
  startOwn(event: Extract<NodeEvent, { type: 'insert' }>): Walk | undefined {
    const verified = verifyRecord(this.#parts.context.crypto, event.record, undefined, this.#parts.network.payloadBytes);
    if (!verified.ok) return undefined;
    const { record, address } = verified.value;
    const walk = this.#walks.open({
      purpose: 'insert',
      id: this.#parts.context.random.bytes(MESSAGE_ID_BYTES),
      from: undefined,
      own: { operation: event.operation, skipOwn: true },
      kind: record.kind,
      priority: event.priority,
      address,
      htl: this.#parts.network.maxHtl,
    });
    walk.record = event.record;
    this.#tryNext(walk);
    return walk;
  }

  onMessage(from: Neighbour, message: InsertMessage): void {
    if (!this.#walks.admits(from, message)) return;
    const { id, htl } = message;
    const verified = this.#verify(from, message.record);
    if (verified === undefined) return;
    const walk = this.#walks.open({
      purpose: 'insert',
      id,
      from,
      own: undefined,
      kind: verified.record.kind,
      priority: message.priority,
      address: verified.address,
      htl: this.#walks.htlAfter(from, htl),
    });
    walk.record = message.record;
    this.#tryNext(walk);
  }

  /** A sink asks this node for a copy. */
  onReplicate(from: Neighbour, message: ReplicateMessage): void {
    const { context, statistics } = this.#parts;
    if (this.#replicaWrites.size >= MAX_PENDING_INSERTS || !from.mayAsk(PRIORITY_BULK)) {
      statistics.refused += 1;
      this.#walks.refuse(from.link, 'overload', message.id, 0);
      return;
    }
    const verified = this.#verify(from, message.record);
    if (verified === undefined) return;
    const effect = context.nextEffect();
    this.#replicaWrites.set(effect, { link: from.link, id: message.id });
    const entry = storeEntry(verified.address, verified.record, message.record, 'store');
    context.emit({ type: 'write', effect, entry });
  }

  onWriteDone(effect: EffectId, outcome: PutOutcome): void {
    const replica = this.#replicaWrites.get(effect);
    if (replica !== undefined) {
      this.#replicaWrites.delete(effect);
      if (outcome === 'full') this.#walks.refuse(replica.link, 'full', replica.id, 0);
      else this.#walks.send(replica.link, { type: 'stored', id: replica.id, hops: 1, copies: 1 });
      return;
    }
    const walk = this.#sinkWrites.get(effect);
    this.#sinkWrites.delete(effect);
    if (walk === undefined || walk.closed) return;
    walk.ownWriteDone = true;
    if (outcome === 'full') walk.saw.full = true;
    else walk.copies += 1;
    if (walk.kind === KIND_CONTENT) {
      this.#finishSink(walk);
    } else if (outcome === 'present') {
      const read = this.#parts.context.nextEffect();
      this.#sinkReads.set(read, walk);
      this.#parts.context.emit({ type: 'read', effect: read, address: walk.address });
    } else {
      this.#replicate(walk, walk.record!);
      this.#finishSink(walk);
    }
  }

  /** The version of a slot that a sink holds already came; true if the read was for this. */
  onReadDone(effect: EffectId, record: Uint8Array | undefined): boolean {
    const walk = this.#sinkReads.get(effect);
    if (walk === undefined) return false;
    this.#sinkReads.delete(effect);
    if (walk.closed) return true;
    this.#replicate(walk, record ?? walk.record!);
    this.#finishSink(walk);
    return true;
  }

  onStored(walk: Walk, copies: number, hops: number): void {
    this.#walks.settle(walk, 'answered');
    this.#stored(walk, Math.max(1, Math.min(copies, COPIES)), hops);
  }

  /** A neighbour ended its part in the copies of this sink. */
  onReplicaEnded(walk: Walk, from: Neighbour, how: 'stored' | 'refused' | 'silent'): void {
    walk.replicas?.delete(from.link);
    if (how === 'stored') {
      walk.copies += 1;
      from.onAnswered();
    } else if (how === 'refused') {
      from.onRefused();
    } else {
      from.onSilent();
    }
    this.#finishSink(walk);
  }

  onRefusal(walk: Walk, type: RefusalType, htlLeft: number): void {
    this.#walks.settle(walk, type === 'overload' ? 'refused' : 'answered');
    this.#walks.noteRefusal(walk, type, htlLeft);
    this.#tryNext(walk);
  }

  onSilent(walk: Walk): void {
    this.#walks.settle(walk, 'silent');
    this.#walks.noteSilence(walk);
    this.#tryNext(walk);
  }

  #verify(from: Neighbour, bytes: Uint8Array): { record: BlockRecord; address: Uint8Array } | undefined {
    const verified = verifyRecord(this.#parts.context.crypto, bytes, undefined, this.#parts.network.payloadBytes);
    if (verified.ok) return verified.value;
    from.garbage += 1;
    this.#parts.statistics.garbage += 1;
    return undefined;
  }

  #tryNext(walk: Walk): void {
    const own = walk.own !== undefined;
    // The first hop of an own insert may lead away from the address: this node does not keep what it publishes.
    const within = own ? Number.POSITIVE_INFINITY : distance(this.#ownLocation(), walk.target);
    const over = walk.htl <= 0 || walk.tries >= MAX_TRIES || this.#walks.expired(walk);
    const choice = over
      ? { neighbour: undefined, busy: false }
      : this.#parts.neighbours.nearest(walk.target, walk.priority, walk.except, within);
    if (choice.neighbour !== undefined) {
      const { id, priority, htl } = walk;
      const message = { type: 'insert', id, priority, htl, stamp: NO_STAMP, record: walk.record! } as const;
      this.#walks.sendOn(walk, choice.neighbour, message, () => this.onSilent(walk));
      if (walk.from !== undefined) this.#walks.send(walk.from, { type: 'accepted', id });
      return;
    }
    if (choice.busy) walk.saw.busy = true;
    if (own) this.#giveUpOwn(walk);
    else if (choice.busy && walk.tries === 0) this.#refuseBusy(walk);
    else this.#becomeSink(walk);
  }

  /** Nearer neighbours are there but busy: better that the sender waits than that the record settles short of its place. */
  #refuseBusy(walk: Walk): void {
    this.#parts.statistics.refused += 1;
    this.#walks.refuse(walk.from!, 'overload', walk.id, walk.htl);
    this.#walks.close(walk);
  }

  /**
   * A block is stored here and by the neighbours at once. Of a slot this node may hold a better version: it is stored
   * here first, and the neighbours get what is held then.
   */
  #becomeSink(walk: Walk): void {
    const { context, timers } = this.#parts;
    timers.cancel(walk.timer);
    const verified = verifyRecord(context.crypto, walk.record!, walk.address, this.#parts.network.payloadBytes);
    if (!verified.ok) return this.#walks.close(walk);
    const effect = context.nextEffect();
    this.#sinkWrites.set(effect, walk);
    const entry = storeEntry(walk.address, verified.value.record, walk.record!, 'store');
    context.emit({ type: 'write', effect, entry });
    if (walk.from !== undefined) this.#walks.send(walk.from, { type: 'accepted', id: walk.id });
    if (walk.kind === KIND_CONTENT) this.#replicate(walk, walk.record!);
    return undefined;
  }

  #replicate(walk: Walk, record: Uint8Array): void {
    const { neighbours } = this.#parts;
    const except = new Set(walk.from === undefined ? [] : [walk.from]);
    const others = neighbours.nearestOf(walk.target, COPIES - 1, walk.priority, except);
    walk.replicas = new Set(others.map((neighbour) => neighbour.link));
    for (const neighbour of others) {
      neighbour.onSent();
      this.#walks.send(neighbour.link, { type: 'replicate', id: walk.id, record });
    }
    this.#walks.wait(walk, REPLICATE_TIMEOUT_MS, () => {
      for (const link of walk.replicas ?? []) {
        const neighbour = neighbours.get(link);
        if (neighbour !== undefined) this.onReplicaEnded(walk, neighbour, 'silent');
      }
    });
  }

  #finishSink(walk: Walk): void {
    if (walk.closed || !walk.ownWriteDone || walk.replicas === undefined || walk.replicas.size > 0) return;
    if (walk.copies > 0) {
      this.#stored(walk, walk.copies);
      return;
    }
    if (walk.from !== undefined) this.#walks.refuse(walk.from, 'full', walk.id, walk.htl);
    this.#walks.close(walk);
  }

  #stored(walk: Walk, copies: number, hopsToHere = 0): void {
    if (walk.from !== undefined) {
      const hops = Math.min(hopsToHere + 1, 2 * MAX_HTL);
      this.#walks.send(walk.from, { type: 'stored', id: walk.id, hops, copies });
      if (walk.replicas === undefined && walk.kind === KIND_CONTENT) this.#cache(walk);
    }
    this.#finishOwn(walk, { ok: true, copies, hops: hopsToHere, retries: walk.retries });
    this.#walks.close(walk);
  }

  #cache(walk: Walk): void {
    const entry = { address: walk.address, record: walk.record!, kind: 'content', place: 'cache' } as const;
    this.#parts.context.emit({ type: 'write', effect: undefined, entry });
  }

  #giveUpOwn(walk: Walk): void {
    const { busy, silent, full, walked } = walk.saw;
    if ((busy || silent || walked) && this.#walks.retryOwn(walk, () => this.#tryNext(walk))) return;
    const code = full ? 'full' : busy ? 'busy' : silent ? 'timeout' : 'no-route';
    this.#finishOwn(walk, { ok: false, code, retries: walk.retries });
    this.#walks.close(walk);
  }

  #finishOwn(walk: Walk, result: InsertResult): void {
    if (walk.own === undefined) return;
    if (result.ok) this.#parts.statistics.answered += 1;
    this.#parts.context.emit({ type: 'insertDone', operation: walk.own.operation, result });
  }
}
