import type { EffectId, NodeContext } from '../effects.ts';
import {
  COPIES,
  HANDOVER_DELAY_MS,
  HANDOVER_RETRY_MS,
  MAX_HANDOVER_RETRY_MS,
  MAX_HANDOVERS,
  MAX_HOLDERS,
  MAX_KEPT,
  SWEEP_PAUSE_MS,
  SWEPT_AT_ONCE,
} from '../limits.ts';
import type { Neighbour } from '../links/neighbour.ts';
import type { Neighbours } from '../links/neighbours.ts';
import type { LinkId } from '../ports.ts';
import { PRIORITY_BULK } from '../wire/messages.ts';
import { distance, locationOf } from './location.ts';
import type { Location } from './location.ts';
import type { Timers } from './timers.ts';

interface KeptRecord {
  readonly address: Uint8Array;
  readonly place: Location;
  stamp: Uint8Array;
  /**
   * Public keys, in hexadecimal, of nodes known to have a copy, those that left included: who comes and goes again and
   * again is not given it each time. At the bound the first is forgotten.
   */
  readonly holders: string[];
}

/** How long a neighbour that did not take a copy is offered none. */
interface Rest {
  readonly waitMs: number;
  readonly untilMs: number;
}

export interface HandoverParts {
  readonly context: NodeContext;
  readonly location: Location;
  readonly neighbours: Neighbours;
  readonly timers: Timers;
  /** Asks a neighbour to store a copy; its answer, or its silence, is told by `onHandedOver`. */
  readonly replicate: (to: Neighbour, address: Uint8Array, stamp: Uint8Array, record: Uint8Array) => void;
}

/**
 * What this node keeps because it is near the address, and who else has it: so that the nearest holder gives a copy to a
 * nearer node that came, and replaces one that went (protocol, section 3). Remembered in memory only, for the store lists
 * no addresses; after a restart it is learnt anew from what is inserted and asked for. At the bound the oldest is forgotten.
 */
export class Kept {
  readonly #parts: HandoverParts;
  readonly #byAddress = new Map<string, KeptRecord>();
  readonly #reads = new Map<EffectId, { readonly kept: KeptRecord; readonly to: LinkId }>();
  /** What is to be handed over, by the key of the neighbour. */
  readonly #queue = new Map<string, KeptRecord[]>();
  /** One for each link at most, and gone with it. */
  readonly #rests = new WeakMap<Neighbour, Rest>();
  #running = 0;
  /** A sweep is set or under way. */
  #isSweeping = false;
  /** There is a reason for another since it began. */
  #hasChanged = false;
  #retries = false;

  constructor(parts: HandoverParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#byAddress.size;
  }

  /** This node stored a record for its place, or as a copy for the sink. */
  add(key: string, address: Uint8Array, stamp: Uint8Array, holders: readonly string[]): void {
    const known = this.#byAddress.get(key);
    if (known !== undefined) {
      known.stamp = stamp;
      for (const holder of holders) noteHolder(known, holder);
      return;
    }
    const kept = { address, place: locationOf(address), stamp, holders: [...holders] };
    this.#byAddress.set(key, kept);
    if (this.#byAddress.size > MAX_KEPT) this.#byAddress.delete(this.#byAddress.keys().next().value!);
    // It settled short of its place, for the way there was busy or broken: where nobody comes or goes nothing else moves it
    // on, and requests end nearer to the address than it lies.
    const nearer = this.#nearerOf(kept, nearestTo(kept.place, this.#parts.neighbours.ready()));
    if (nearer.length > 0 && !nearer.some((neighbour) => kept.holders.includes(neighbour.key))) this.lookSoon();
  }

  /** A neighbour stored a copy of it. */
  addHolder(key: string, holder: string): void {
    const known = this.#byAddress.get(key);
    if (known !== undefined) noteHolder(known, holder);
  }

  /** A neighbour did not take a copy, or was too busy to be asked for it: it is asked again, later. */
  lookAgainLater(): void {
    const { timers, context } = this.#parts;
    if (this.#retries) return;
    this.#retries = true;
    timers.set(context.now() + HANDOVER_RETRY_MS, () => {
      this.#retries = false;
      this.lookSoon();
    });
  }

  /** Neighbours came or went, or a copy came that belongs elsewhere: copies are looked after in a while. */
  lookSoon(): void {
    if (this.#byAddress.size === 0) return;
    this.#hasChanged = true;
    if (!this.#isSweeping) this.#sweepLater();
  }

  /** True if the read was for handing over. */
  onReadDone(effect: EffectId, record: Uint8Array | undefined): boolean {
    const read = this.#reads.get(effect);
    if (read === undefined) return false;
    this.#reads.delete(effect);
    const to = this.#parts.neighbours.get(read.to);
    if (record === undefined || to?.ready !== true) this.onHandedOver(undefined, false);
    else this.#parts.replicate(to, read.kept.address, read.kept.stamp, record);
    return true;
  }

  /** One handing over ended: with a neighbour that is still there, if `to` is given, and that took the copy, or not now. */
  onHandedOver(to: Neighbour | undefined, isStored: boolean): void {
    this.#running -= 1;
    if (to !== undefined && isStored) this.#rests.delete(to);
    else if (to !== undefined) this.#putOff(to);
    this.#next();
  }

  /** What else is for this neighbour waits, for it would come to nothing as well; longer each time. */
  #putOff(to: Neighbour): void {
    this.#queue.delete(to.key);
    this.lookAgainLater();
    // Copies that were under way at once are one refusal.
    if (this.#isResting(to)) return;
    const waitMs = Math.min((this.#rests.get(to)?.waitMs ?? HANDOVER_RETRY_MS / 2) * 2, MAX_HANDOVER_RETRY_MS);
    this.#rests.set(to, { waitMs, untilMs: this.#parts.context.now() + waitMs });
  }

  #isResting(neighbour: Neighbour): boolean {
    const rest = this.#rests.get(neighbour);
    return rest !== undefined && this.#parts.context.now() < rest.untilMs;
  }

  /** A part at a time, so that nothing else waits for it. */
  #sweep(rest: KeptRecord[]): void {
    const { timers, context, neighbours } = this.#parts;
    const ready = neighbours.ready();
    for (const kept of rest.splice(-SWEPT_AT_ONCE)) this.#look(kept, ready);
    while (this.#running < MAX_HANDOVERS && this.#next());
    if (rest.length > 0) timers.set(context.now() + SWEEP_PAUSE_MS, () => this.#sweep(rest));
    else if (this.#hasChanged) this.#sweepLater();
    else this.#isSweeping = false;
  }

  #sweepLater(): void {
    const { timers, context } = this.#parts;
    this.#isSweeping = true;
    timers.set(context.now() + HANDOVER_DELAY_MS, () => {
      this.#hasChanged = false;
      this.#queue.clear();
      this.#sweep([...this.#byAddress.values()]);
    });
  }

  /** Where this node is the nearest that it knows of: who of the nearest neighbours has no copy yet? */
  #look(kept: KeptRecord, ready: readonly Neighbour[]): void {
    const nearest = nearestTo(kept.place, ready);
    // A nearer one that has it looks after the copies; one that does not have it gets it, from the nearest that has.
    if (this.#nearerOf(kept, nearest).some((neighbour) => kept.holders.includes(neighbour.key))) return;
    for (const neighbour of nearest) {
      if (kept.holders.includes(neighbour.key)) continue;
      if (this.#isResting(neighbour)) {
        this.lookAgainLater();
        continue;
      }
      const waiting = this.#queue.get(neighbour.key);
      if (waiting === undefined) this.#queue.set(neighbour.key, [kept]);
      else waiting.push(kept);
    }
  }

  /** Of these neighbours those that are nearer to it than this node. */
  #nearerOf(kept: KeptRecord, nearest: readonly Neighbour[]): Neighbour[] {
    const own = distance(this.#parts.location, kept.place);
    return nearest.filter((neighbour) => distance(neighbour.location!, kept.place) < own);
  }

  /** Begins one more, to the first neighbour that takes one now; false when there is none. */
  #next(): boolean {
    const { neighbours, context } = this.#parts;
    for (const [key, waiting] of this.#queue) {
      const to = neighbours.byKey(key);
      const isHere = to?.ready === true;
      if (isHere && !to.takes(PRIORITY_BULK)) continue;
      const kept = isHere ? waiting.pop() : undefined;
      if (waiting.length === 0 || !isHere) this.#queue.delete(key);
      if (kept === undefined) continue;
      const effect = context.nextEffect();
      this.#reads.set(effect, { kept, to: to!.link });
      this.#running += 1;
      context.emit({ type: 'read', effect, address: kept.address });
      return true;
    }
    // All that are left are busy with other things, and nothing that ends will come back to them.
    if (this.#running === 0 && this.#queue.size > 0) this.lookAgainLater();
    return false;
  }
}

/** The COPIES - 1 nearest of them, in no order. */
function nearestTo(place: Location, neighbours: readonly Neighbour[]): Neighbour[] {
  const nearest: Neighbour[] = [];
  const aways: number[] = [];
  for (const neighbour of neighbours) {
    const away = distance(neighbour.location!, place);
    if (nearest.length < COPIES - 1) {
      nearest.push(neighbour);
      aways.push(away);
      continue;
    }
    const farthest = aways.indexOf(Math.max(...aways));
    if (away >= aways[farthest]!) continue;
    nearest[farthest] = neighbour;
    aways[farthest] = away;
  }
  return nearest;
}

function noteHolder(kept: KeptRecord, holder: string): void {
  if (kept.holders.includes(holder)) return;
  kept.holders.push(holder);
  if (kept.holders.length > MAX_HOLDERS) kept.holders.shift();
}
