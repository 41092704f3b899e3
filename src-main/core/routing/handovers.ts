/**
 * Copies given to neighbours, outside any walk: each is first asked which of them it keeps (`check`, 32 addresses in one
 * kilobyte), for a copy of 33 KB to who has it is what made slow lines collapse (docs/results: congestion). It has to prove
 * what it says it keeps, so the same question shows that a copy is still there.
 */
import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import type { EffectId, NodeContext } from '../effects.ts';
import {
  CHECK_TIMEOUT_MS,
  HANDOVER_RETRY_MS,
  MAX_CHECKED,
  MAX_CHECKS_OUT,
  MAX_HANDOVER_RETRY_MS,
  MAX_HANDOVERS,
} from '../limits.ts';
import type { Neighbour } from '../links/neighbour.ts';
import type { Neighbours } from '../links/neighbours.ts';
import type { LinkId } from '../ports.ts';
import { MESSAGE_ID_BYTES, PRIORITY_BULK } from '../wire/messages.ts';
import type { CheckedMessage, RouteMessage } from '../wire/messages.ts';
import { KIND_CONTENT } from '../wire/record.ts';
import { heldProof, isNotHeld } from './holdings.ts';
import type { Timer, Timers } from './timers.ts';

/** A record that this node keeps for its place. */
export interface KeptRecord {
  readonly address: Uint8Array;
  /** The address in hexadecimal. */
  readonly key: string;
  stamp: Uint8Array;
}

export interface HandoverParts {
  readonly context: NodeContext;
  readonly neighbours: Neighbours;
  readonly timers: Timers;
  readonly send: (link: LinkId, message: RouteMessage) => void;
  /** Asks a neighbour to store a copy; its answer, or its silence, is told by `onHandedOver`. */
  readonly replicate: (to: Neighbour, address: Uint8Array, stamp: Uint8Array, record: Uint8Array) => void;
}

/** What comes of the questions, for who keeps the table. */
export interface HandoverOutcomes<Kept extends KeptRecord> {
  onHeld(kept: Kept, by: Neighbour): void;
  /** `isFalse`: it answered without the record, and did not just have another version. True: it is to be given a copy. */
  onNotHeld(kept: Kept, by: Neighbour, isFalse: boolean): boolean;
  /** This node itself has it no more. */
  onGone(kept: Kept): void;
  /** Somebody could not be asked or given anything now: look again, later. */
  onPutOff(): void;
}

/** How long a neighbour that did not take a copy is offered none. */
interface Rest {
  readonly waitMs: number;
  readonly untilMs: number;
}

interface Check<Kept> {
  readonly link: LinkId;
  readonly id: Uint8Array;
  readonly asked: readonly Kept[];
  readonly timer: Timer;
}

/** One answer that is looked at: with this node's own copy in hand. */
interface Item<Kept> {
  readonly kept: Kept;
  readonly to: LinkId;
  readonly id: Uint8Array;
  readonly proof: Uint8Array;
}

export class Handovers<Kept extends KeptRecord> {
  readonly #parts: HandoverParts;
  readonly #outcomes: HandoverOutcomes<Kept>;
  /** What each neighbour is to be asked about, by its key; bounded by what is kept and by the nearest of each. */
  readonly #queue = new Map<string, Set<Kept>>();
  /** By id; at most MAX_CHECKS_OUT. */
  readonly #checks = new Map<string, Check<Kept>>();
  /** Answered and not yet looked at: of MAX_CHECKS_OUT answers at most. */
  #items: Item<Kept>[] = [];
  readonly #reads = new Map<EffectId, Item<Kept>>();
  /** One for each link at most, and gone with it. */
  readonly #rests = new WeakMap<Neighbour, Rest>();
  /** Own copies being read, or given. */
  #running = 0;

  constructor(parts: HandoverParts, outcomes: HandoverOutcomes<Kept>) {
    this.#parts = parts;
    this.#outcomes = outcomes;
  }

  /** This neighbour is to be asked whether it keeps the record; `begin` starts it. */
  ask(to: Neighbour, kept: Kept): void {
    const waiting = this.#queue.get(to.key);
    if (waiting === undefined) this.#queue.set(to.key, new Set([kept]));
    else waiting.add(kept);
  }

  isResting(neighbour: Neighbour): boolean {
    const rest = this.#rests.get(neighbour);
    return rest !== undefined && this.#parts.context.now() < rest.untilMs;
  }

  begin(): void {
    while (this.#running < MAX_HANDOVERS && this.#readNext());
    if (this.#items.length > 0 && this.#running === 0) {
      // All that are left are busy with other things, and nothing that ends will come back to them.
      this.#items = [];
      this.#outcomes.onPutOff();
    }
    // Questions wait for the answers before them to have been looked at, so that nothing piles up.
    if (this.#items.length > 0) return;
    for (const [key, waiting] of this.#queue) {
      if (this.#checks.size >= MAX_CHECKS_OUT) return;
      const to = this.#parts.neighbours.byKey(key);
      if (to?.ready !== true || this.isResting(to)) {
        this.#queue.delete(key);
        if (to !== undefined) this.#outcomes.onPutOff();
      } else if (!to.takes(PRIORITY_BULK)) {
        this.#outcomes.onPutOff();
      } else if (![...this.#checks.values()].some(({ link }) => link === to.link)) {
        this.#check(to, waiting);
      }
    }
  }

  onChecked(from: Neighbour, { id, proofs }: CheckedMessage): void {
    const check = this.#endCheck(from.link, id);
    if (check === undefined) return;
    if (proofs.length !== check.asked.length) {
      from.garbage += 1;
      from.onRefused(PRIORITY_BULK);
    } else {
      from.onAnswered(PRIORITY_BULK);
      this.#items.push(...check.asked.map((kept, index) => ({ kept, to: from.link, id, proof: proofs[index]! })));
    }
    this.begin();
  }

  /** True if it was a question that this neighbour would not answer now. */
  onRefused(from: Neighbour, id: Uint8Array): boolean {
    if (this.#endCheck(from.link, id) === undefined) return false;
    from.onRefused(PRIORITY_BULK);
    this.#putOff(from);
    this.begin();
    return true;
  }

  onLinkDown(link: LinkId): void {
    for (const check of this.#checks.values()) if (check.link === link) this.#endCheck(link, check.id);
    this.begin();
  }

  /** True if the read was for one of these. */
  onReadDone(effect: EffectId, record: Uint8Array | undefined): boolean {
    const item = this.#reads.get(effect);
    if (item === undefined) return false;
    this.#reads.delete(effect);
    if (!this.#give(item, record)) this.#end();
    return true;
  }

  /** One handing over ended: with a neighbour that is still there, if `to` is given, and that took the copy, or not now. */
  onHandedOver(to: Neighbour | undefined, isStored: boolean): void {
    if (to !== undefined && isStored) this.#rests.delete(to);
    else if (to !== undefined) this.#putOff(to);
    this.#end();
  }

  #check(to: Neighbour, waiting: Set<Kept>): void {
    const { context, timers, send } = this.#parts;
    const asked: Kept[] = [];
    for (const kept of waiting) {
      if (asked.length === MAX_CHECKED) break;
      asked.push(kept);
      waiting.delete(kept);
    }
    if (waiting.size === 0) this.#queue.delete(to.key);
    const id = context.random.bytes(MESSAGE_ID_BYTES);
    const { link } = to;
    const timer = timers.set(context.now() + CHECK_TIMEOUT_MS, () => {
      this.#endCheck(link, id);
      to.onSilent(PRIORITY_BULK, context.now());
      this.#putOff(to);
      this.begin();
    });
    this.#checks.set(toHex(id), { link, id, asked, timer });
    to.onSent(PRIORITY_BULK);
    send(link, { type: 'check', id, addresses: asked.map(({ address }) => address) });
  }

  /** Undefined when there is none of this id to this neighbour. */
  #endCheck(link: LinkId, id: Uint8Array): Check<Kept> | undefined {
    const key = toHex(id);
    const check = this.#checks.get(key);
    if (check?.link !== link) return undefined;
    this.#checks.delete(key);
    this.#parts.timers.cancel(check.timer);
    return check;
  }

  /** Looks at one answer more; false when those that are left are of neighbours that take no copy now. */
  #readNext(): boolean {
    const { neighbours } = this.#parts;
    const at = this.#items.findIndex(({ to, proof }) => {
      const neighbour = neighbours.get(to);
      return neighbour === undefined || !isNotHeld(proof) || neighbour.takes(PRIORITY_BULK);
    });
    if (at < 0) return false;
    this.#read(this.#items.splice(at, 1)[0]!);
    return true;
  }

  #read(item: Item<Kept>): void {
    const { context } = this.#parts;
    const effect = context.nextEffect();
    this.#reads.set(effect, item);
    this.#running += 1;
    context.emit({ type: 'read', effect, address: item.kept.address, isUse: false });
  }

  /** True when a copy is on its way to it. */
  #give(item: Item<Kept>, record: Uint8Array | undefined): boolean {
    const { kept, to: link, id, proof } = item;
    const { context, neighbours, replicate } = this.#parts;
    const to = neighbours.get(link);
    if (record === undefined) {
      this.#outcomes.onGone(kept);
      return false;
    }
    if (to?.ready !== true) return false;
    if (bytesEqual(proof, heldProof(context.crypto, id, to.publicKey, record))) {
      this.#outcomes.onHeld(kept, to);
      return false;
    }
    // Of a slot it may have another version; of content there is but one.
    const isFalse = isNotHeld(proof) || record[0] === KIND_CONTENT;
    if (!this.#outcomes.onNotHeld(kept, to, isFalse)) return false;
    if (this.isResting(to)) {
      this.#outcomes.onPutOff();
      return false;
    }
    if (!to.takes(PRIORITY_BULK)) {
      this.#items.push(item);
      return false;
    }
    replicate(to, kept.address, kept.stamp, record);
    return true;
  }

  #end(): void {
    this.#running -= 1;
    this.begin();
  }

  /** What else is for this neighbour waits, for it would come to nothing as well; longer each time. */
  #putOff(to: Neighbour): void {
    this.#queue.delete(to.key);
    this.#outcomes.onPutOff();
    // Copies that were under way at once are one refusal.
    if (this.isResting(to)) return;
    const waitMs = Math.min((this.#rests.get(to)?.waitMs ?? HANDOVER_RETRY_MS / 2) * 2, MAX_HANDOVER_RETRY_MS);
    this.#rests.set(to, { waitMs, untilMs: this.#parts.context.now() + waitMs });
  }
}
