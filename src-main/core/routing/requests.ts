import { compareBytes } from '../../../shared/base/bytes.ts';
import type { EffectId, NodeEvent, RequestResult } from '../effects.ts';
import { AGE_STEP_MS, MAX_HTL, MAX_TRIES, OPINIONS, OWN_SUCCESSORS } from '../limits.ts';
import type { Neighbour } from '../links/neighbour.ts';
import type { KnownNode } from '../ports.ts';
import { MAX_AGE } from '../wire/messages.ts';
import type { FoundMessage, RefusalType, RequestMessage, StemRequestMessage } from '../wire/messages.ts';
import { decodeRecord, KIND_CONTENT, KIND_SLOT, rankOf, storeEntry, verifyRecord } from '../wire/record.ts';
import type { SlotRecord } from '../wire/record.ts';
import { InVain } from './in-vain.ts';
import { distance } from './location.ts';
import { SlotCache } from './slot-cache.ts';
import type { Walk } from './walk.ts';
import type { RoutingParts, Walks } from './walks.ts';

/**
 * Requests: by the stem, then greedy by distance, with bounded backtracking (protocol, section 3).
 *
 * Content is answered by whoever holds it, though not on the stem. A slot is read at its sink, where the newest version
 * is: who holds a copy on the way passes the request on, but only to neighbours nearer to the address than itself, and
 * answers with its own copy when they have no newer one.
 */
export class Requests {
  readonly #parts: RoutingParts;
  readonly #walks: Walks;
  readonly #slotCache = new SlotCache();
  readonly #reads = new Map<EffectId, Walk>();
  readonly #inVain = new InVain();

  constructor(parts: RoutingParts, walks: Walks) {
    this.#parts = parts;
    this.#walks = walks;
  }

  get inVain(): number {
    return this.#inVain.size;
  }

  get cachedSlots(): number {
    return this.#slotCache.size;
  }

  startOwn(event: Extract<NodeEvent, { type: 'request' }>): Walk {
    const walk = this.#walks.open({
      purpose: 'request',
      id: NO_ID,
      from: undefined,
      fromStem: false,
      own: { operation: event.operation, skipOwn: event.skipOwn },
      kind: event.kind,
      priority: event.priority,
      address: event.address,
      htl: this.#parts.network.maxHtl,
    });
    walk.stemFirst = this.#inVain.times(walk.addressKey, this.#parts.context.now());
    if (event.skipOwn) this.#onStem(walk);
    else this.#readOwn(walk);
    return walk;
  }

  onMessage(from: Neighbour, message: RequestMessage): void {
    const { id, htl, kind, priority, address } = message;
    if (this.#walks.isLoop(from, id, htl) || !this.#walks.admits(from, 'request', message, htl)) return;
    const walk = this.#walks.open({
      purpose: 'request',
      id,
      from,
      fromStem: false,
      own: undefined,
      kind,
      priority,
      address,
      htl: this.#walks.htlAfter(from, htl),
    });
    walk.best = message.best;
    this.#readOwn(walk);
  }

  onStemMessage(from: Neighbour, message: StemRequestMessage): void {
    if (!this.#walks.admits(from, 'request', message, 0)) return;
    const { id, kind, priority, address } = message;
    const walk = this.#walks.open({
      purpose: 'request',
      id,
      from,
      fromStem: true,
      own: undefined,
      kind,
      priority,
      address,
      htl: this.#parts.network.maxHtl,
    });
    this.#onStem(walk);
  }

  onReadDone(effect: EffectId, record: Uint8Array | undefined): void {
    const walk = this.#reads.get(effect);
    this.#reads.delete(effect);
    if (walk === undefined || walk.closed) return;
    if (record !== undefined && walk.kind === KIND_CONTENT) return this.#found(walk, record, 0, this.#ownOffer(walk));
    if (walk.kind === KIND_SLOT) this.#considerSlot(walk, record);
    if (walk.phase === 'stem') this.#onStem(walk);
    else this.#onGreedy(walk);
    return undefined;
  }

  onFound(from: Neighbour, walk: Walk, message: FoundMessage): void {
    const { context, network, statistics, folding } = this.#parts;
    const { record } = message;
    const verified = verifyRecord(context.crypto, record, walk.address, network.payloadBytes);
    if (!verified.ok || verified.value.record.kind !== walk.kind) {
      from.garbage += 1;
      statistics.garbage += 1;
      return this.onSilent(walk);
    }
    this.#walks.settle(walk, 'answered');
    from.useful += 1;
    const found = verified.value.record;
    const isGreedy = walk.phase === 'greedy';
    const offer = isGreedy ? folding.pass(from, message.offer, walk.target, walk.fromStem) : undefined;
    const hops = isGreedy ? Math.min(message.hops + 1, 2 * MAX_HTL) : message.hops;
    if (found.kind === KIND_SLOT) {
      const rank = rankOf(found.version);
      // Nothing of it stays on a stem; where this node asked itself, it is a fallback like any other.
      const ageMs = message.age * AGE_STEP_MS;
      if (isGreedy || walk.own !== undefined) this.#slotCache.put(walk.addressKey, record, rank, context.now(), ageMs);
      const isOlder = walk.rank !== undefined && compareBytes(walk.rank, rank) > 0;
      if (walk.storedRank !== undefined && compareBytes(walk.storedRank, rank) < 0)
        this.#refreshStored(walk, found, record);
      if (!isOlder) walk.ageMs = ageMs;
      return this.#found(walk, isOlder ? walk.record! : record, hops, offer);
    }
    // Those on the way keep a copy of what others asked for; what this node itself reads, it does not.
    if (isGreedy) {
      const entry = storeEntry(walk.address, found, record, 'cache');
      context.emit({ type: 'write', effect: undefined, entry });
    }
    return this.#found(walk, record, hops, offer);
  }

  onRefusal(walk: Walk, type: RefusalType, htlLeft: number): void {
    this.#noteFailure(walk, type);
    this.#walks.settle(walk, type === 'overload' ? 'refused' : 'answered');
    if (walk.phase === 'stem') return this.#stemRefused(walk, type);
    this.#walks.noteRefusal(walk, type, htlLeft);
    // Only who had silence goes round it: were each hop behind it to do so, where lines are slow most of what is sent would be detours.
    // Slots are asked for at ever nearer nodes alone, which ends soon, and there is no more than one way to most of them.
    const isDetour = type === 'loop' && walk.kind === KIND_CONTENT && !walk.fromStem && !walk.saw.silent;
    if (isDetour) return this.#walks.passBack(walk, type);
    if (type !== 'notFound') return this.#onGreedy(walk);
    walk.opinions += 1;
    // Final for all but the end of the stem, which knows nothing of who asks and so can ask again for it.
    walk.htl = walk.fromStem && walk.opinions < OPINIONS ? Math.floor(this.#parts.network.maxHtl / 2) : 0;
    return this.#onGreedy(walk);
  }

  onSilent(walk: Walk): void {
    this.#noteFailure(walk, 'silent');
    this.#walks.settle(walk, 'silent');
    if (walk.phase === 'stem') return this.#stemSilent(walk);
    this.#walks.noteSilence(walk);
    return this.#onGreedy(walk);
  }

  #noteFailure(walk: Walk, type: RefusalType | 'silent'): void {
    if (walk.phase === 'stem' || walk.waitingFor === undefined || type === 'overload' || type === 'loop') return;
    this.#parts.failures.note(walk.addressKey, walk.waitingFor, this.#parts.context.now());
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
    const cached = this.#slotCache.get(walk.addressKey, this.#parts.context.now());
    if (cached !== undefined && (walk.rank === undefined || compareBytes(cached.rank, walk.rank) > 0)) {
      walk.record = cached.record;
      walk.rank = cached.rank;
      walk.ageMs = this.#parts.context.now() - cached.bornMs;
    }
  }

  #onStem(walk: Walk): void {
    const hop = this.#walks.stemHop(walk);
    if (hop === 'ends') return this.#endStem(walk);
    if (hop === 'none') return this.#noRoute(walk);
    if (hop === 'busy') {
      walk.saw.busy = true;
      return this.#noRoute(walk);
    }
    const { kind, priority, address } = walk;
    const message = (id: Uint8Array) => ({ type: 'stemRequest', id, kind, priority, address }) as const;
    this.#walks.sendStem(walk, hop, message, () => this.onSilent(walk));
    return undefined;
  }

  #endStem(walk: Walk): void {
    this.#walks.beginGreedy(walk);
    this.#readOwn(walk);
  }

  #stemRefused(walk: Walk, type: RefusalType): void {
    if (type === 'notFound') return this.#notFound(walk);
    if (type === 'overload') {
      walk.saw.busy = true;
      return this.#noRoute(walk);
    }
    // A relay passes it back: if each ended the stem anew, one request would be routed as often as its stem is long.
    return walk.own === undefined ? this.#noRoute(walk) : this.#otherStem(walk);
  }

  #stemSilent(walk: Walk): void {
    walk.saw.silent = true;
    // Who took it and says nothing may have passed it on: only the origin tries again, by another successor.
    if (walk.own === undefined && walk.isAccepted) return this.#walks.close(walk);
    return this.#otherStem(walk);
  }

  #otherStem(walk: Walk): void {
    if (walk.own === undefined) return this.#endStem(walk);
    walk.stemTry += 1;
    if (walk.stemTry < OWN_SUCCESSORS && !this.#walks.expired(walk)) return this.#onStem(walk);
    walk.stemTry = 0;
    return this.#noRoute(walk);
  }

  #onGreedy(walk: Walk): void {
    const { neighbours, failures, location, context } = this.#parts;
    if (walk.htl <= 0) return this.#notFound(walk);
    if (walk.tries >= MAX_TRIES || this.#walks.expired(walk)) return this.#noRoute(walk);
    const { id, kind, priority, htl, address, target, except } = walk;
    const within = walk.rank === undefined ? Number.POSITIVE_INFINITY : distance(location, target);
    const avoid = walk.from === undefined ? undefined : neighbours.get(walk.from)?.location;
    const failed = failures.of(walk.addressKey, context.now());
    const choice = neighbours.nearest({ target, priority, except, within, avoid, failed }, context.now());
    if (choice.neighbour === undefined) {
      if (choice.busy) walk.saw.busy = true;
      return this.#noRoute(walk);
    }
    const best = higher(walk.best, walk.rank);
    const message = { type: 'request', id, kind, priority, htl, address } as const;
    this.#walks.sendGreedy(walk, choice.neighbour, best === undefined ? message : { ...message, best }, () =>
      this.onSilent(walk),
    );
    return undefined;
  }

  #found(walk: Walk, record: Uint8Array, hops: number, offer: KnownNode | undefined): void {
    if (walk.from !== undefined) {
      const age = Math.min(MAX_AGE, Math.ceil(walk.ageMs / AGE_STEP_MS));
      const message = { type: 'found', id: walk.fromId, hops, age, record } as const;
      this.#walks.send(walk.from, offer === undefined ? message : { ...message, offer });
    }
    this.#finishOwn(walk, { ok: true, record, hops });
    this.#walks.close(walk);
  }

  #notFound(walk: Walk): void {
    if (walk.record !== undefined) return this.#found(walk, walk.record, 0, this.#ownOffer(walk));
    if (walk.from !== undefined) this.#walks.refuse(walk.from, 'notFound', walk.fromId, 0);
    this.#inVainOwn(walk);
    this.#finishOwn(walk, { ok: false, code: 'not-found' });
    this.#walks.close(walk);
    return undefined;
  }

  /** Nobody is left to try here; who asked may try another way with the HTL that is left. */
  #noRoute(walk: Walk): void {
    if (walk.record !== undefined && walk.phase === 'greedy')
      return this.#found(walk, walk.record, 0, this.#ownOffer(walk));
    const { busy, silent, walked } = walk.saw;
    if (walk.from !== undefined) {
      // Where the stem ended everything has been tried that a request may try.
      const type = busy && !walked ? 'overload' : walk.fromStem && walked ? 'notFound' : 'noRoute';
      this.#walks.refuse(walk.from, type, walk.fromId, walk.fromStem ? 0 : walk.htl);
    } else {
      if ((busy || silent) && this.#walks.retryOwn(walk, () => this.#onStem(walk))) return undefined;
      if (walk.record !== undefined) return this.#found(walk, walk.record, 0, undefined);
      this.#inVainOwn(walk);
      this.#finishOwn(walk, { ok: false, code: busy ? 'busy' : silent ? 'timeout' : 'no-route' });
    }
    this.#walks.close(walk);
    return undefined;
  }

  #inVainOwn(walk: Walk): void {
    if (walk.own !== undefined) this.#inVain.note(walk.addressKey, this.#parts.context.now());
  }

  #ownOffer(walk: Walk): KnownNode | undefined {
    return walk.from === undefined || walk.fromStem ? undefined : this.#parts.folding.atSource();
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

/** Own messages have none: every link of their stem has its own. */
const NO_ID = new Uint8Array(0);

function higher(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareBytes(a, b) >= 0 ? a : b;
}
