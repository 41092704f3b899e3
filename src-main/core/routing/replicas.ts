import { compareBytes, toHex } from '../../../shared/base/bytes.ts';
import type { EffectId } from '../effects.ts';
import { COPIES, HANDOVER_TIMEOUT_MS, MAX_PENDING_INSERTS } from '../limits.ts';
import type { Neighbour } from '../links/neighbour.ts';
import type { LinkId, PutOutcome } from '../ports.ts';
import { MESSAGE_ID_BYTES, PRIORITY_BULK } from '../wire/messages.ts';
import type { ReplicateMessage } from '../wire/messages.ts';
import { contradict, decodeRecord, KIND_SLOT, rankOf, storeEntry, verifyRecord } from '../wire/record.ts';
import type { SlotRecord } from '../wire/record.ts';
import { stampBits } from '../wire/stamp-bits.ts';
import type { Timer } from './timers.ts';
import type { Toll } from './toll.ts';
import type { Walk } from './walk.ts';
import type { RoutingParts, Walks } from './walks.ts';

/** Copies: those that neighbours ask this node to keep, those of a sink, and those handed over when nodes come and go. */
export class Replicas {
  readonly #parts: RoutingParts;
  readonly #walks: Walks;
  readonly #toll: Toll;
  /** Copies being written for a sink; bounded by MAX_PENDING_INSERTS, beyond it `overload`. */
  readonly #writes = new Map<
    EffectId,
    {
      readonly from: Neighbour;
      readonly id: Uint8Array;
      readonly address: Uint8Array;
      readonly stamp: Uint8Array;
      readonly record: Uint8Array;
    }
  >();
  /** Reads of what is here already in place of an older version that a neighbour gave; bounded as the writes are. */
  readonly #newer = new Map<
    EffectId,
    { readonly to: Neighbour; readonly address: Uint8Array; readonly given: SlotRecord }
  >();
  /** Copies handed over, by message id; as many as are handed over at once (handovers.ts). */
  readonly #handovers = new Map<
    string,
    { readonly link: LinkId; readonly addressKey: string; readonly timer: Timer; readonly isReturned: boolean }
  >();

  constructor(parts: RoutingParts, walks: Walks, toll: Toll) {
    this.#parts = parts;
    this.#walks = walks;
    this.#toll = toll;
  }

  /**
   * Asks the neighbours nearest to the address of a walk at its sink for their copies; those that were asked. Who is known to
   * have one counts and is not asked: where lines are slow one insert comes several times, by several ways.
   */
  send(walk: Walk, record: Uint8Array): Neighbour[] {
    const { neighbours, context, kept } = this.#parts;
    const except = new Set(walk.from === undefined ? [] : [walk.from]);
    const nearest = neighbours.nearestOf(walk.target, COPIES - 1, walk.priority, except, context.now());
    const others = nearest.filter((neighbour) => !kept.isHolder(walk.addressKey, neighbour));
    walk.copies += nearest.length - others.length;
    const { id, stamp } = walk;
    for (const neighbour of others) neighbour.onSent(walk.priority);
    const links = others.map(({ link }) => link);
    if (links.length > 0) this.#walks.sendToAll(links, { type: 'replicate', id, stamp: stamp!, record });
    return others;
  }

  /** Gives a copy to one neighbour, outside any walk; `isReturned`: for an older one that it gave. */
  handOver(to: Neighbour, address: Uint8Array, stamp: Uint8Array, record: Uint8Array, isReturned = false): void {
    const { context, timers, statistics } = this.#parts;
    const id = context.random.bytes(MESSAGE_ID_BYTES);
    const timer = timers.set(context.now() + HANDOVER_TIMEOUT_MS, () => this.#endHandover(toHex(id), 'silent'));
    this.#handovers.set(toHex(id), { link: to.link, addressKey: toHex(address), timer, isReturned });
    to.onSent(PRIORITY_BULK);
    statistics.handedOver += 1;
    this.#walks.send(to.link, { type: 'replicate', id, stamp, record });
  }

  /** True if the answer was to a handing over. */
  onAnswer(from: Neighbour, id: Uint8Array, stored: boolean): boolean {
    const key = toHex(id);
    if (this.#handovers.get(key)?.link !== from.link) return false;
    this.#endHandover(key, stored ? 'stored' : 'refused');
    return true;
  }

  onLinkDown(link: LinkId): void {
    for (const [key, handover] of this.#handovers) if (handover.link === link) this.#endHandover(key, 'silent');
  }

  /** A sink, or one that hands over, asks this node for a copy. */
  onMessage(from: Neighbour, message: ReplicateMessage): void {
    const { context, network, statistics } = this.#parts;
    const { id, stamp, record: bytes } = message;
    if (this.#writes.size >= MAX_PENDING_INSERTS || !from.mayAsk(PRIORITY_BULK)) {
      statistics.refused += 1;
      this.#walks.refuse(from.link, 'overload', id, 0);
      return;
    }
    const verified = verifyRecord(context.crypto, bytes, undefined, network.payloadBytes);
    if (!verified.ok || stampBits(context.crypto, verified.value.address, stamp) < network.stampBits) {
      from.garbage += 1;
      statistics.garbage += 1;
      return;
    }
    if (!this.#toll.spend(from, bytes.length)) {
      statistics.overBudget += 1;
      this.#walks.refuse(from.link, 'full', id, 0);
      return;
    }
    const { address, record } = verified.value;
    const effect = context.nextEffect();
    // So that no link fills the table.
    from.countPending(PRIORITY_BULK, 1);
    this.#writes.set(effect, { from, id, address, stamp, record: bytes });
    context.emit({ type: 'write', effect, entry: { ...storeEntry(address, record, bytes, 'store'), stamp } });
  }

  /** True if the write was a copy for a neighbour. */
  onWriteDone(effect: EffectId, outcome: PutOutcome): boolean {
    const write = this.#writes.get(effect);
    if (write === undefined) return false;
    this.#writes.delete(effect);
    const { from, id, address, stamp, record } = write;
    from.countPending(PRIORITY_BULK, -1);
    if (outcome === 'full') {
      this.#walks.refuse(from.link, 'full', id, 0);
      return true;
    }
    if (outcome === 'stored') this.#toll.onStored(record.length);
    else this.#lookForNewer(from, address, record);
    this.#parts.kept.add(toHex(address), address, stamp, from, outcome === 'stored');
    this.#walks.send(from.link, { type: 'stored', id, hops: 0, copies: 1 });
    return true;
  }

  /** True if the read was of a version that may be newer than the one that a neighbour gave. */
  onReadDone(effect: EffectId, record: Uint8Array | undefined): boolean {
    const newer = this.#newer.get(effect);
    if (newer === undefined) return false;
    this.#newer.delete(effect);
    const held = record === undefined ? undefined : this.#slotOf(record);
    if (held === undefined) return true;
    if (contradict(held, newer.given)) this.#parts.statistics.contradictions += 1;
    const stamp = this.#parts.kept.stampOf(toHex(newer.address));
    const isNewer = compareBytes(rankOf(held.version), rankOf(newer.given.version)) > 0;
    if (stamp === undefined || !newer.to.ready || !isNewer) return true;
    this.handOver(newer.to, newer.address, stamp, record!, true);
    return true;
  }

  /** Who gives an older version of a slot than is here would give it again and again: it gets the newer one back. */
  #lookForNewer(to: Neighbour, address: Uint8Array, record: Uint8Array): void {
    const given = this.#slotOf(record);
    if (given === undefined || this.#newer.size >= MAX_PENDING_INSERTS) return;
    const effect = this.#parts.context.nextEffect();
    this.#newer.set(effect, { to, address, given });
    this.#parts.context.emit({ type: 'read', effect, address, isUse: false });
  }

  #slotOf(record: Uint8Array): SlotRecord | undefined {
    const decoded = decodeRecord(record, this.#parts.network.payloadBytes);
    return decoded.ok && decoded.value.kind === KIND_SLOT ? decoded.value : undefined;
  }

  #endHandover(key: string, how: 'stored' | 'refused' | 'silent'): void {
    const handover = this.#handovers.get(key);
    if (handover === undefined) return;
    this.#handovers.delete(key);
    const { timers, neighbours, context, kept } = this.#parts;
    timers.cancel(handover.timer);
    const neighbour = neighbours.get(handover.link);
    if (how === 'stored') {
      neighbour?.onAnswered(PRIORITY_BULK);
      if (neighbour !== undefined) kept.addHolder(handover.addressKey, neighbour.key);
    } else if (how === 'refused') {
      neighbour?.onRefused(PRIORITY_BULK);
    } else {
      neighbour?.onSilent(PRIORITY_BULK, context.now());
    }
    if (!handover.isReturned) kept.handovers.onHandedOver(neighbour, how === 'stored');
  }
}
