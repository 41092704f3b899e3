import type { EffectId } from '../effects.ts';
import {
  CHECK_ROUND_MS,
  CHECKED_AGAIN,
  CHECKED_FRESH,
  COPIES,
  HANDOVER_DELAY_MS,
  HANDOVER_RETRY_MS,
  MAX_HOLDERS,
  MAX_KEPT,
  SWEEP_PAUSE_MS,
  SWEPT_AT_ONCE,
} from '../limits.ts';
import type { Neighbour } from '../links/neighbour.ts';
import type { KeptAddress } from '../ports.ts';
import { toHex } from '../../../shared/base/bytes.ts';
import { Distrusted } from './distrusted.ts';
import { Handovers } from './handovers.ts';
import type { HandoverParts, KeptRecord } from './handovers.ts';
import { distance, locationOf } from './location.ts';
import type { Location } from './location.ts';

interface Known extends KeptRecord {
  readonly place: Location;
  /**
   * Public keys, in hexadecimal, of nodes believed to have a copy, those that left included: who comes and goes again and
   * again is not asked each time. At the bound the first is forgotten.
   */
  readonly holders: string[];
}

export interface KeptParts extends HandoverParts {
  readonly location: Location;
}

/**
 * What this node keeps because it is near the address, and who else has it: so that the nearest holder gives a copy to a
 * nearer node that came, and replaces one that went (protocol, section 3). Nobody is believed for good: who said that it
 * stored a copy is asked for a proof within minutes, and now and then afterwards. At the bound the oldest is forgotten.
 */
export class Kept {
  readonly handovers: Handovers<Known>;
  readonly #parts: KeptParts;
  readonly #byAddress = new Map<string, Known>();
  readonly #distrusted: Distrusted;
  /** Copies made since the last round of checks: some of them, at most CHECKED_FRESH. */
  #fresh: Known[] = [];
  /** Where the rounds have come to in all that is kept. */
  #again: Iterator<Known> | undefined;
  #hasRounds = false;
  /** A sweep is set or under way. */
  #isSweeping = false;
  /** What is to be looked at by the next one: some records, or all. */
  #due = new Set<Known>();
  #areAllDue = false;
  #retries = false;

  constructor(parts: KeptParts) {
    this.#parts = parts;
    this.#distrusted = new Distrusted(() => parts.context.now());
    this.handovers = new Handovers<Known>(parts, {
      onHeld: (kept, by) => noteHolder(kept, by.key),
      onNotHeld: (kept, by, isFalse) => this.#onNotHeld(kept, by, isFalse),
      onGone: ({ key }) => void this.#byAddress.delete(key),
      onPutOff: () => this.lookAgainLater(),
    });
  }

  get size(): number {
    return this.#byAddress.size;
  }

  get distrusted(): number {
    return this.#distrusted.size;
  }

  /** Whether a neighbour is believed to have a copy of it. */
  isHolder(key: string, neighbour: Neighbour): boolean {
    return this.#byAddress.get(key)?.holders.includes(neighbour.key) === true && !this.#distrusted.has(neighbour.key);
  }

  stampOf(key: string): Uint8Array | undefined {
    return this.#byAddress.get(key)?.stamp;
  }

  /**
   * This node stored a record for its place, as its sink, or as a copy that `giver` asked for. `isNew`: it is another version
   * than before, which nobody is known to have but the giver.
   */
  add(key: string, address: Uint8Array, stamp: Uint8Array, giver: Neighbour | undefined, isNew: boolean): void {
    let kept = this.#byAddress.get(key);
    if (kept === undefined) {
      kept = { address, key, place: locationOf(address), stamp, holders: [] };
      this.#byAddress.set(key, kept);
      if (this.#byAddress.size > MAX_KEPT) this.#byAddress.delete(this.#byAddress.keys().next().value!);
    }
    kept.stamp = stamp;
    if (isNew) kept.holders.length = 0;
    if (giver !== undefined) noteHolder(kept, giver.key);
    this.#checkSoon(kept);
    // A sink has its copies made itself. But where a record settled short of its place, for the way there was busy or broken,
    // nothing else moves it on while nobody comes or goes, and requests end nearer to the address than it lies; and who got
    // a copy from farther away than it lives itself is the one to look after the others.
    const { nearer, isLookedAfter } = this.#about(kept, this.#trusted());
    if (!isLookedAfter && (nearer.length > 0 || giver !== undefined)) this.#lookSoonAt(kept);
  }

  /** What the store has kept since before this start; nobody is known to have it too. */
  restore(addresses: readonly KeptAddress[]): void {
    for (const { address, stamp } of addresses) {
      const key = toHex(address);
      if (this.#byAddress.size >= MAX_KEPT) return;
      if (!this.#byAddress.has(key))
        this.#byAddress.set(key, { address, key, place: locationOf(address), stamp, holders: [] });
    }
    this.lookSoon();
    this.#beginRounds();
  }

  /** A neighbour said that it stored a copy of it. */
  addHolder(key: string, holder: string): void {
    const known = this.#byAddress.get(key);
    if (known === undefined) return;
    noteHolder(known, holder);
    this.#checkSoon(known);
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

  /** Neighbours came or went: copies are looked after in a while. */
  lookSoon(): void {
    if (this.#byAddress.size === 0) return;
    this.#areAllDue = true;
    if (!this.#isSweeping) this.#sweepLater();
  }

  /** True if the read was for handing over. */
  onReadDone(effect: EffectId, record: Uint8Array | undefined): boolean {
    return this.handovers.onReadDone(effect, record);
  }

  #lookSoonAt(kept: Known): void {
    this.#due.add(kept);
    if (!this.#isSweeping) this.#sweepLater();
  }

  #sweepLater(): void {
    const { timers, context } = this.#parts;
    this.#isSweeping = true;
    timers.set(context.now() + HANDOVER_DELAY_MS, () => {
      const due = this.#areAllDue ? [...this.#byAddress.values()] : [...this.#due];
      this.#areAllDue = false;
      this.#due.clear();
      this.#sweep(due);
    });
  }

  /** A part at a time, so that nothing else waits for it. */
  #sweep(rest: Known[]): void {
    const { timers, context } = this.#parts;
    const trusted = this.#trusted();
    for (const kept of rest.splice(-SWEPT_AT_ONCE)) {
      for (const neighbour of this.#wanting(kept, trusted)) this.handovers.ask(neighbour, kept);
    }
    this.handovers.begin();
    if (rest.length > 0) timers.set(context.now() + SWEEP_PAUSE_MS, () => this.#sweep(rest));
    else if (this.#areAllDue || this.#due.size > 0) this.#sweepLater();
    else this.#isSweeping = false;
  }

  #trusted(): Neighbour[] {
    return this.#parts.neighbours.ready().filter(({ key }) => !this.#distrusted.has(key));
  }

  /** The nearest neighbours, those of them that are nearer to it than this node, and whether one of those has it. */
  #about(kept: Known, trusted: readonly Neighbour[]) {
    const nearest = nearestTo(kept.place, trusted);
    const own = distance(this.#parts.location, kept.place);
    const nearer = nearest.filter((neighbour) => distance(neighbour.location!, kept.place) < own);
    const isLookedAfter = nearer.some(({ key }) => kept.holders.includes(key));
    return { nearest, nearer, isLookedAfter };
  }

  /**
   * Who is to have a copy from this node. Where a nearer node has it, that one looks after the others. Where none has, the
   * nearest gets it, and it alone, for then it is the one to do so. Where this node is the nearest, the next nearest.
   */
  #wanting(kept: Known, trusted: readonly Neighbour[]): Neighbour[] {
    const { nearest, nearer, isLookedAfter } = this.#about(kept, trusted);
    if (isLookedAfter) return [];
    const isAwake = (neighbour: Neighbour): boolean => {
      if (!this.handovers.isResting(neighbour)) return true;
      this.lookAgainLater();
      return false;
    };
    const next = nearer.find(isAwake);
    if (next !== undefined) return [next];
    return nearest.filter((neighbour) => !kept.holders.includes(neighbour.key) && isAwake(neighbour));
  }

  /** It answered without the record; true when it is to be given one all the same. */
  #onNotHeld(kept: Known, by: Neighbour, isFalse: boolean): boolean {
    const at = kept.holders.indexOf(by.key);
    if (at >= 0) {
      kept.holders.splice(at, 1);
      if (isFalse) this.#distrust(by);
    }
    if (this.#wanting(kept, this.#trusted()).includes(by)) return true;
    if (at >= 0) this.#lookSoonAt(kept);
    return false;
  }

  /** It said that it had stored what it has not. Whatever else it said is forgotten: who is to have what is asked anew. */
  #distrust(liar: Neighbour): void {
    this.#distrusted.add(liar.key);
    for (const { holders } of this.#byAddress.values()) {
      const at = holders.indexOf(liar.key);
      if (at >= 0) holders.splice(at, 1);
    }
    this.lookSoon();
  }

  #checkSoon(kept: Known): void {
    if (!this.#fresh.includes(kept)) {
      if (this.#fresh.length < CHECKED_FRESH) this.#fresh.push(kept);
      // More come than can be asked about: then some of them, drawn at random.
      else this.#fresh[this.#parts.context.random.below(CHECKED_FRESH)] = kept;
    }
    this.#beginRounds();
  }

  #beginRounds(): void {
    if (this.#hasRounds || this.#byAddress.size === 0) return;
    this.#hasRounds = true;
    const { timers, context } = this.#parts;
    const waitMs = CHECK_ROUND_MS / 2 + context.random.below(CHECK_ROUND_MS / 2);
    timers.set(context.now() + waitMs, () => {
      this.#hasRounds = false;
      this.#round();
      this.#beginRounds();
    });
  }

  /** Asks those that are relied on whether they still have what they said they have: fresh copies, and some of all others. */
  #round(): void {
    const fresh = this.#fresh;
    this.#fresh = [];
    const trusted = this.#trusted();
    for (const kept of fresh) this.#review(kept, trusted);
    for (let count = 0; count < CHECKED_AGAIN; count += 1) {
      this.#again ??= this.#byAddress.values();
      const next = this.#again.next();
      if (next.done === true) {
        this.#again = undefined;
        break;
      }
      this.#review(next.value, trusted);
    }
    this.handovers.begin();
  }

  #review(kept: Known, trusted: readonly Neighbour[]): void {
    const { nearest, nearer } = this.#about(kept, trusted);
    const holds = ({ key }: Neighbour): boolean => kept.holders.includes(key);
    const relied = nearer.find(holds);
    const asked = relied === undefined ? nearest.filter(holds) : [relied];
    for (const neighbour of asked) if (!this.handovers.isResting(neighbour)) this.handovers.ask(neighbour, kept);
  }
}

/** The COPIES - 1 nearest of them, the nearest first. */
function nearestTo(place: Location, neighbours: readonly Neighbour[]): Neighbour[] {
  const nearest: Neighbour[] = [];
  const aways: number[] = [];
  for (const neighbour of neighbours) {
    const away = distance(neighbour.location!, place);
    let at = nearest.length;
    while (at > 0 && away < aways[at - 1]!) at -= 1;
    if (at >= COPIES - 1) continue;
    nearest.splice(at, 0, neighbour);
    aways.splice(at, 0, away);
    nearest.length = Math.min(nearest.length, COPIES - 1);
    aways.length = nearest.length;
  }
  return nearest;
}

function noteHolder(kept: Known, holder: string): void {
  if (kept.holders.includes(holder)) return;
  kept.holders.push(holder);
  if (kept.holders.length > MAX_HOLDERS) kept.holders.shift();
}
