import type { EffectId, NodeContext } from '../effects.ts';
import { LOCATE_PACE_MS, MAX_ACQUAINTANCES, MAX_LOCATING } from '../limits.ts';
import type { KnownNode, LinkId } from '../ports.ts';
import type { Location } from '../routing/location.ts';
import type { Timers } from '../routing/timers.ts';

/** A node that this one knows of: a neighbour, or a neighbour's. */
export interface Acquaintance {
  /** The public key in hexadecimal. */
  readonly key: string;
  contact: KnownNode;
  /** Its place on the circle, once it has been computed here. */
  location: Location | undefined;
  /** Until its place is known: the links to the neighbours that told of one to it. */
  tellers: Set<LinkId> | undefined;
}

/**
 * Nodes that this one knows of, with their places on the circle, each computed here from its key at a cost (protocol,
 * section 1): those of neighbours at once, those of their neighbours one after the other, at a pace that leaves the machine
 * to its user. Bounded; the oldest is forgotten.
 */
export class Acquaintances {
  readonly #context: NodeContext;
  readonly #timers: Timers;
  readonly #onPlace: (acquaintance: Acquaintance) => void;
  readonly #known = new Map<string, Acquaintance>();
  readonly #running = new Map<EffectId, Acquaintance>();
  readonly #queue = new Set<Acquaintance>();
  #isPaced = false;

  constructor(context: NodeContext, timers: Timers, onPlace: (acquaintance: Acquaintance) => void) {
    this.#context = context;
    this.#timers = timers;
    this.#onPlace = onPlace;
  }

  get size(): number {
    return this.#known.size;
  }

  get waiting(): number {
    return this.#queue.size + this.#running.size;
  }

  /** The node of this key; an address that comes with it replaces what was known of it. */
  meet(key: string, contact: KnownNode): Acquaintance {
    const known = this.#known.get(key);
    if (known !== undefined) {
      if (contact.host !== undefined) known.contact = contact;
      return known;
    }
    const met: Acquaintance = { key, contact, location: undefined, tellers: undefined };
    this.#known.set(key, met);
    if (this.#known.size > MAX_ACQUAINTANCES) this.#known.delete(this.#known.keys().next().value!);
    return met;
  }

  /** Finds its place now; `onPlace` follows, at once if it is known. */
  locateNow(node: Acquaintance): void {
    if (node.location === undefined) this.#start(node);
    else this.#onPlace(node);
  }

  /** Finds its place when its turn comes. At the bound it is left out, and found when it is told of again. */
  locateSometime(node: Acquaintance): void {
    if (node.location !== undefined || this.#queue.size >= MAX_LOCATING) return;
    this.#queue.add(node);
    this.#pace();
  }

  onLocated(effect: EffectId, location: Location): void {
    const node = this.#running.get(effect);
    if (node === undefined) return;
    this.#running.delete(effect);
    node.location = location;
    this.#onPlace(node);
  }

  #start(node: Acquaintance): void {
    for (const running of this.#running.values()) if (running === node) return;
    const effect = this.#context.nextEffect();
    this.#running.set(effect, node);
    this.#context.emit({ type: 'locate', effect, publicKey: node.contact.publicKey });
  }

  #pace(): void {
    if (this.#isPaced) return;
    const next = this.#queue.values().next().value;
    if (next === undefined) return;
    this.#queue.delete(next);
    if (next.location === undefined) this.#start(next);
    this.#isPaced = true;
    this.#timers.set(this.#context.now() + LOCATE_PACE_MS, () => {
      this.#isPaced = false;
      this.#pace();
    });
  }
}
