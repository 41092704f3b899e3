import { compareBytes, toHex } from '../../../shared/base/bytes.ts';
import type { EffectId, NodeEvent, RequestResult } from '../effects.ts';
import { MAX_HTL, MAX_TRIES } from '../limits.ts';
import type { RefusalType, RequestMessage } from '../wire/messages.ts';
import { MESSAGE_ID_BYTES } from '../wire/messages.ts';
import { decodeRecord, KIND_CONTENT, KIND_SLOT, rankOf, storeEntry, verifyRecord } from '../wire/record.ts';
import type { SlotRecord } from '../wire/record.ts';
import { distance } from './location.ts';
import type { Location } from './location.ts';
import type { Neighbour } from './neighbour.ts';
import { SlotCache } from './slot-cache.ts';
import type { Walk } from './walk.ts';
import type { RoutingParts, Walks } from './walks.ts';

/**
 * Requests: greedy by distance, with bounded backtracking (protocol, section 3).
 *
 * Content is answered by whoever holds it. A slot is read at its sink, where the newest version is: who holds a copy on
 * the way passes the request on, but only to neighbours nearer to the address than itself, and answers with its own
 * copy when they have no newer one.
 */
export class Requests {
  readonly #parts: RoutingParts;
  readonly #walks: Walks;
  readonly #ownLocation: () => Location;
  readonly #slotCache = new SlotCache();
  readonly #reads = new Map<EffectId, Walk>();

  constructor(parts: RoutingParts, walks: Walks, ownLocation: () => Location) {
    this.#parts = parts;
    this.#walks = walks;
    this.#ownLocation = ownLocation;
  }

  get cachedSlots(): number {
    return this.#slotCache.size;
  }

  startOwn(event: Extract<NodeEvent, { type: 'request' }>): Walk {
    const walk = this.#walks.open({
      purpose: 'request',
      id: this.#parts.context.random.bytes(MESSAGE_ID_BYTES),
      from: undefined,
      own: { operation: event.operation, skipOwn: event.skipOwn },
      kind: event.kind,
      priority: event.priority,
      address: event.address,
      htl: this.#parts.network.maxHtl,
    });
    if (event.skipOwn) this.#tryNext(walk);
    else this.#readOwn(walk);
    return walk;
  }

  onMessage(from: Neighbour, message: RequestMessage): void {
    if (!this.#walks.admits(from, message)) return;
    const { id, htl } = message;
    const walk = this.#walks.open({
      purpose: 'request',
      id,
      from,
      own: undefined,
      kind: message.kind,
      priority: message.priority,
      address: message.address,
      htl: this.#walks.htlAfter(from, htl),
    });
    walk.best = message.best;
    this.#readOwn(walk);
  }

  onReadDone(effect: EffectId, record: Uint8Array | undefined): void {
    const walk = this.#reads.get(effect);
    this.#reads.delete(effect);
    if (walk === undefined || walk.closed) return;
    if (record !== undefined && walk.kind === KIND_CONTENT) {
      this.#found(walk, record);
      return;
    }
    if (walk.kind === KIND_SLOT) this.#considerSlot(walk, record);
    this.#tryNext(walk);
  }

  onFound(from: Neighbour, walk: Walk, record: Uint8Array, hops: number): void {
    const verified = verifyRecord(this.#parts.context.crypto, record, walk.address, this.#parts.network.payloadBytes);
    if (!verified.ok || verified.value.record.kind !== walk.kind) {
      from.garbage += 1;
      this.#parts.statistics.garbage += 1;
      this.#walks.settle(walk, 'silent');
      this.#walks.noteSilence(walk);
      this.#tryNext(walk);
      return;
    }
    this.#walks.settle(walk, 'answered');
    const found = verified.value.record;
    if (found.kind === KIND_SLOT) {
      const rank = rankOf(found.version);
      this.#slotCache.put(toHex(walk.address), record, rank, this.#parts.context.now());
      const better = walk.rank !== undefined && compareBytes(walk.rank, rank) > 0 ? walk.record! : record;
      if (walk.storedRank !== undefined && compareBytes(walk.storedRank, rank) < 0)
        this.#refreshStored(walk, found, record);
      this.#found(walk, better, hops);
      return;
    }
    // Those on the way keep a copy of what others asked for; what this node itself reads, it does not.
    if (walk.from !== undefined) {
      const entry = storeEntry(walk.address, found, record, 'cache');
      this.#parts.context.emit({ type: 'write', effect: undefined, entry });
    }
    this.#found(walk, record, hops);
  }

  onRefusal(walk: Walk, type: RefusalType, htlLeft: number): void {
    this.#walks.settle(walk, type === 'overload' ? 'refused' : 'answered');
    this.#walks.noteRefusal(walk, type, htlLeft);
    if (type === 'notFound') {
      walk.htl = 0;
      this.#notFound(walk);
    } else {
      this.#tryNext(walk);
    }
  }

  onSilent(walk: Walk): void {
    this.#walks.settle(walk, 'silent');
    this.#walks.noteSilence(walk);
    this.#tryNext(walk);
  }

  #readOwn(walk: Walk): void {
    const effect = this.#parts.context.nextEffect();
    this.#reads.set(effect, walk);
    this.#parts.context.emit({ type: 'read', effect, address: walk.address });
  }

  /** Takes the better of the stored and the cached copy as what this node can answer with. */
  #considerSlot(walk: Walk, stored: Uint8Array | undefined): void {
    const decoded = stored === undefined ? undefined : decodeRecord(stored, this.#parts.network.payloadBytes);
    if (decoded?.ok === true && decoded.value.kind === KIND_SLOT) {
      walk.record = stored;
      walk.rank = rankOf(decoded.value.version);
      walk.storedRank = walk.rank;
    }
    const cached = this.#slotCache.get(toHex(walk.address), this.#parts.context.now());
    if (cached !== undefined && (walk.rank === undefined || compareBytes(cached.rank, walk.rank) > 0)) {
      walk.record = cached.record;
      walk.rank = cached.rank;
    }
  }

  #tryNext(walk: Walk): void {
    const { neighbours } = this.#parts;
    const { random } = this.#parts.context;
    if (walk.htl <= 0) return this.#notFound(walk);
    if (walk.tries >= MAX_TRIES || this.#walks.expired(walk)) return this.#noRoute(walk);
    const within = walk.rank === undefined ? Number.POSITIVE_INFINITY : distance(this.#ownLocation(), walk.target);
    // Another path than the usual one begins with any neighbour, not with the nearest.
    const target = walk.own?.skipOwn === true && walk.tries === 0 ? random.below(2 ** 32) / 2 ** 32 : walk.target;
    const choice = neighbours.nearest(target, walk.priority, walk.except, within);
    if (choice.neighbour === undefined) {
      if (choice.busy) walk.saw.busy = true;
      return this.#noRoute(walk);
    }
    const best = higher(walk.best, walk.rank);
    const { id, kind, priority, htl, address } = walk;
    const message = { type: 'request', id, kind, priority, htl, address } as const;
    this.#walks.sendOn(walk, choice.neighbour, best === undefined ? message : { ...message, best }, () =>
      this.onSilent(walk),
    );
    if (walk.from !== undefined) this.#walks.send(walk.from, { type: 'accepted', id });
    return undefined;
  }

  #found(walk: Walk, record: Uint8Array, hopsToHere = 0): void {
    const hops = Math.min(hopsToHere + 1, 2 * MAX_HTL);
    if (walk.from !== undefined) this.#walks.send(walk.from, { type: 'found', id: walk.id, hops, record });
    this.#finishOwn(walk, { ok: true, record, hops: hopsToHere });
    this.#walks.close(walk);
  }

  #notFound(walk: Walk): void {
    if (walk.record !== undefined) return this.#found(walk, walk.record);
    if (walk.from !== undefined) this.#walks.refuse(walk.from, 'notFound', walk.id, 0);
    this.#finishOwn(walk, { ok: false, code: 'not-found' });
    this.#walks.close(walk);
    return undefined;
  }

  /** Nobody is left to try here; who asked may try another way with the HTL that is left. */
  #noRoute(walk: Walk): void {
    if (walk.record !== undefined) return this.#found(walk, walk.record);
    const { busy, silent, walked } = walk.saw;
    if (walk.from !== undefined) {
      this.#walks.refuse(walk.from, busy && !walked ? 'overload' : 'noRoute', walk.id, walk.htl);
    } else {
      if ((busy || silent) && !walked && this.#walks.retryOwn(walk, () => this.#tryNext(walk))) return undefined;
      const code = walked ? 'not-found' : busy ? 'busy' : silent ? 'timeout' : 'no-route';
      this.#finishOwn(walk, { ok: false, code });
    }
    this.#walks.close(walk);
    return undefined;
  }

  #finishOwn(walk: Walk, result: RequestResult): void {
    if (walk.own === undefined) return;
    if (result.ok) this.#parts.statistics.answered += 1;
    this.#parts.context.emit({ type: 'requestDone', operation: walk.own.operation, result });
  }

  /** A newer version came by than the one stored here: the answer refreshes the way back. */
  #refreshStored(walk: Walk, slot: SlotRecord, record: Uint8Array): void {
    this.#parts.context.emit({
      type: 'write',
      effect: undefined,
      entry: storeEntry(walk.address, slot, record, 'store'),
    });
  }
}

function higher(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareBytes(a, b) >= 0 ? a : b;
}
