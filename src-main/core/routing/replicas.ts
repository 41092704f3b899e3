import { toHex } from '../../../shared/base/bytes.ts';
import type { EffectId } from '../effects.ts';
import { COPIES, MAX_PENDING_INSERTS, REPLICATE_TIMEOUT_MS } from '../limits.ts';
import type { Neighbour } from '../links/neighbour.ts';
import type { LinkId, PutOutcome } from '../ports.ts';
import { MESSAGE_ID_BYTES, PRIORITY_BULK } from '../wire/messages.ts';
import type { ReplicateMessage } from '../wire/messages.ts';
import { storeEntry, verifyRecord } from '../wire/record.ts';
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
      readonly sizeBytes: number;
    }
  >();
  /** Copies handed over, by message id; as many as are handed over at once (kept.ts). */
  readonly #handovers = new Map<
    string,
    { readonly link: LinkId; readonly addressKey: string; readonly timer: Timer }
  >();

  constructor(parts: RoutingParts, walks: Walks, toll: Toll) {
    this.#parts = parts;
    this.#walks = walks;
    this.#toll = toll;
  }

  /** Asks the neighbours nearest to the address of a walk at its sink for their copies; those that were asked. */
  send(walk: Walk, record: Uint8Array): Neighbour[] {
    const { neighbours, context } = this.#parts;
    const except = new Set(walk.from === undefined ? [] : [walk.from]);
    const others = neighbours.nearestOf(walk.target, COPIES - 1, walk.priority, except, context.now());
    const { id, stamp } = walk;
    for (const neighbour of others) {
      neighbour.onSent(walk.priority);
      this.#walks.send(neighbour.link, { type: 'replicate', id, stamp: stamp!, record });
    }
    return others;
  }

  /** Gives a copy to one neighbour, outside any walk. */
  handOver(to: Neighbour, address: Uint8Array, stamp: Uint8Array, record: Uint8Array): void {
    const { context, timers, statistics } = this.#parts;
    const id = context.random.bytes(MESSAGE_ID_BYTES);
    const timer = timers.set(context.now() + REPLICATE_TIMEOUT_MS, () => this.#endHandover(toHex(id), 'silent'));
    this.#handovers.set(toHex(id), { link: to.link, addressKey: toHex(address), timer });
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
      this.#walks.refuse(from.link, 'full', id, 0);
      return;
    }
    const { address, record } = verified.value;
    const effect = context.nextEffect();
    // So that no link fills the table.
    from.countPending(PRIORITY_BULK, 1);
    this.#writes.set(effect, { from, id, address, stamp, sizeBytes: bytes.length });
    context.emit({ type: 'write', effect, entry: storeEntry(address, record, bytes, 'store') });
  }

  /** True if the write was a copy for a neighbour. */
  onWriteDone(effect: EffectId, outcome: PutOutcome): boolean {
    const write = this.#writes.get(effect);
    if (write === undefined) return false;
    this.#writes.delete(effect);
    const { from, id, address, stamp, sizeBytes } = write;
    from.countPending(PRIORITY_BULK, -1);
    if (outcome === 'full') {
      this.#walks.refuse(from.link, 'full', id, 0);
      return true;
    }
    if (outcome === 'stored') this.#toll.onStored(sizeBytes);
    this.#parts.kept.add(toHex(address), address, stamp, [from.key]);
    this.#walks.send(from.link, { type: 'stored', id, hops: 0, copies: 1 });
    return true;
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
    kept.onHandedOver(neighbour, how === 'stored');
  }
}
