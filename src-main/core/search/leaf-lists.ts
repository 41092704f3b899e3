import type { EffectId } from '../effects.ts';
import { MAX_LIST_PARTS_OF_LEAF } from '../limits.ts';
import type { ChangeMessage } from '../wire/search-messages.ts';
import type { ListState } from './index-port.ts';
import type { SearchParts } from './parts.ts';
import type { SearchPeer } from './peers.ts';

interface Waiting {
  readonly leaf: SearchPeer;
  /** Undefined: it waits for what the index has of the leaf. */
  readonly number: number | undefined;
}

/** A hub's side of its leaves' lists: on to the index, part by part; which knows how many files a leaf may have, whatever it says. */
export class LeafLists {
  readonly #parts: SearchParts;
  readonly #waiting = new Map<EffectId, Waiting>();
  /** Parts of each leaf that the index works on. */
  readonly #leaves = new Map<SearchPeer, number>();

  constructor(parts: SearchParts) {
    this.#parts = parts;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** A leaf is taken: it is told what the index has of its list. */
  onLeaf(leaf: SearchPeer): void {
    const { context } = this.#parts;
    this.#leaves.set(leaf, 0);
    const effect = context.nextEffect();
    this.#waiting.set(effect, { leaf, number: undefined });
    context.emit({ type: 'indexState', effect, source: leaf.publicKey });
    this.sayPresent(leaf);
  }

  onLeafGone(leaf: SearchPeer): void {
    if (!this.#leaves.delete(leaf)) return;
    this.#parts.context.emit({ type: 'indexPresent', source: leaf.publicKey, where: undefined });
  }

  sayPresent(leaf: SearchPeer): void {
    const where = { ...leaf.where, freeSlots: leaf.freeSlots };
    this.#parts.context.emit({ type: 'indexPresent', source: leaf.publicKey, where });
  }

  /** False when no honest leaf sends this. */
  onChange(leaf: SearchPeer, message: ChangeMessage): boolean {
    const parts = this.#leaves.get(leaf);
    // A part may cross the word that it is no leaf any more.
    if (parts === undefined) return true;
    if (parts >= MAX_LIST_PARTS_OF_LEAF) return false;
    const { context } = this.#parts;
    const { number, begins, generation, sequence, added, removed } = message;
    this.#leaves.set(leaf, parts + 1);
    const effect = context.nextEffect();
    this.#waiting.set(effect, { leaf, number });
    const change = { generation, sequence, added, removed };
    context.emit({ type: 'indexChange', effect, source: leaf.publicKey, begins, change });
    return true;
  }

  /** False when the effect is not of this. */
  onChangeDone(effect: EffectId, outcome: 'done' | 'full'): boolean {
    const waiting = this.#waiting.get(effect);
    if (waiting?.number === undefined) return false;
    this.#waiting.delete(effect);
    const { leaf, number } = waiting;
    const parts = this.#leaves.get(leaf);
    if (parts === undefined) return true;
    this.#leaves.set(leaf, parts - 1);
    this.#parts.peers.send(leaf, { type: 'changed', number, outcome });
    return true;
  }

  onStateDone(effect: EffectId, state: ListState | undefined): void {
    const waiting = this.#waiting.get(effect);
    this.#waiting.delete(effect);
    if (waiting === undefined || !this.#leaves.has(waiting.leaf)) return;
    const { leaf } = waiting;
    const taken = { type: 'attached', purpose: 'leaf', outcome: 'taken' } as const;
    this.#parts.peers.send(leaf, state === undefined ? taken : { ...taken, state });
  }
}
