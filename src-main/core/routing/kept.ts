import type { EffectId, NodeContext } from '../effects.ts';
import { COPIES, HANDOVER_DELAY_MS, MAX_HANDOVERS, MAX_KEPT, SWEEP_PAUSE_MS, SWEPT_AT_ONCE } from '../limits.ts';
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
  /** Public keys, in hexadecimal, of the neighbours known to have a copy. */
  holders: string[];
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
  #queue: { readonly kept: KeptRecord; readonly to: string }[] = [];
  #running = 0;
  /** A sweep is set or under way. */
  #isSweeping = false;
  /** Neighbours came or went since it began. */
  #hasChanged = false;

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
      for (const holder of holders) if (!known.holders.includes(holder)) known.holders.push(holder);
      return;
    }
    this.#byAddress.set(key, { address, place: locationOf(address), stamp, holders: [...holders] });
    if (this.#byAddress.size > MAX_KEPT) this.#byAddress.delete(this.#byAddress.keys().next().value!);
  }

  /** A neighbour stored a copy of it. */
  addHolder(key: string, holder: string): void {
    const known = this.#byAddress.get(key);
    if (known !== undefined && !known.holders.includes(holder)) known.holders.push(holder);
  }

  /** Neighbours came or went: copies are looked after in a while. */
  onNeighboursChanged(): void {
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
    if (record === undefined || to?.ready !== true) this.onHandedOver();
    else this.#parts.replicate(to, read.kept.address, read.kept.stamp, record);
    return true;
  }

  /** One handing over ended, however it did. */
  onHandedOver(): void {
    this.#running -= 1;
    this.#next();
  }

  /** A part at a time, so that nothing else waits for it. */
  #sweep(rest: KeptRecord[]): void {
    const { timers, context, neighbours } = this.#parts;
    const ready = neighbours.ready();
    const present = new Set(ready.map((neighbour) => neighbour.key));
    for (const kept of rest.splice(-SWEPT_AT_ONCE)) this.#look(kept, ready, present);
    while (this.#running < MAX_HANDOVERS && this.#queue.length > 0) this.#next();
    if (rest.length > 0) timers.set(context.now() + SWEEP_PAUSE_MS, () => this.#sweep(rest));
    else if (this.#hasChanged) this.#sweepLater();
    else this.#isSweeping = false;
  }

  #sweepLater(): void {
    const { timers, context } = this.#parts;
    this.#isSweeping = true;
    timers.set(context.now() + HANDOVER_DELAY_MS, () => {
      this.#hasChanged = false;
      this.#queue = [];
      this.#sweep([...this.#byAddress.values()]);
    });
  }

  /** Where this node is the nearest that it knows of: who of the nearest neighbours has no copy yet? */
  #look(kept: KeptRecord, ready: readonly Neighbour[], present: ReadonlySet<string>): void {
    const own = distance(this.#parts.location, kept.place);
    kept.holders = kept.holders.filter((holder) => present.has(holder));
    const nearest = nearestTo(kept.place, ready);
    // A nearer one that has it looks after the copies; one that does not have it gets it, from the nearest that has.
    for (const neighbour of nearest) {
      if (distance(neighbour.location!, kept.place) < own && kept.holders.includes(neighbour.key)) return;
    }
    for (const neighbour of nearest) {
      if (!kept.holders.includes(neighbour.key)) this.#queue.push({ kept, to: neighbour.key });
    }
  }

  #next(): void {
    const { neighbours, context } = this.#parts;
    for (let task = this.#queue.pop(); task !== undefined; task = this.#queue.pop()) {
      const to = neighbours.byKey(task.to);
      if (to?.ready !== true || !to.takes(PRIORITY_BULK)) continue;
      const effect = context.nextEffect();
      this.#reads.set(effect, { kept: task.kept, to: to.link });
      this.#running += 1;
      context.emit({ type: 'read', effect, address: task.kept.address });
      return;
    }
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
