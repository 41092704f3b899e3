/** Which chunks of a file are here, who gave them, and which are asked for. */
import { Givers } from './givers.ts';

const MISSING = 0;
const ASKED = 1;
/** Here and being checked and written. */
const STORING = 2;
const HELD = 3;

/** How far ahead of the first missing chunk the rarest is looked for: enough to spread downloaders, near enough to play. */
const RARITY_SPAN = 64;

/** How many have a chunk, and a draw among equals. */
export interface Rarity {
  copiesOf(chunk: number): number;
  below(bound: number): number;
}

export class PieceMap {
  readonly #states: Uint8Array;
  readonly givers: Givers;
  #held = 0;
  #missing: number;
  /** Before it nothing is missing. */
  #first = 0;
  /** Chunks that are wanted before all others, as while a film plays: the next to look at. */
  #wantedFrom: number | undefined;

  /** `held`: bitmap, from the highest bit of its first byte; what it does not reach is missing. */
  constructor(chunks: number, held?: Uint8Array) {
    this.#states = new Uint8Array(chunks);
    this.givers = new Givers(chunks);
    this.#missing = chunks;
    if (held === undefined) return;
    for (let chunk = 0; chunk < chunks; chunk += 1) if (hasBit(held, chunk)) this.toHeld(chunk);
  }

  get chunks(): number {
    return this.#states.length;
  }

  get held(): number {
    return this.#held;
  }

  get missing(): number {
    return this.#missing;
  }

  get isWhole(): boolean {
    return this.#held === this.#states.length;
  }

  isHeld(chunk: number): boolean {
    return this.#states[chunk] === HELD;
  }

  isAsked(chunk: number): boolean {
    return this.#states[chunk] === ASKED;
  }

  toAsked(chunk: number): void {
    this.#set(chunk, ASKED);
  }

  toStoring(chunk: number): void {
    this.#set(chunk, STORING);
  }

  toHeld(chunk: number): void {
    this.#set(chunk, HELD);
  }

  toMissing(chunk: number): void {
    if (this.#states[chunk] === HELD) return;
    this.#set(chunk, MISSING);
    this.#first = Math.min(this.#first, chunk);
  }

  /** From now on the chunks from this one on come first; undefined: all from the start. */
  wantFrom(chunk: number | undefined): void {
    this.#wantedFrom = chunk;
  }

  /**
   * The chunk to ask a source for: the first missing one that it has; among others who load too, the rarest of the next ones,
   * drawn at random where several are as rare, so that they have different ones to give each other (Cohen 2003, section 2.4).
   */
  next(has: (chunk: number) => boolean, rarity: Rarity | undefined): number | undefined {
    if (this.#missing === 0) return undefined;
    const wanted = this.#wantedFrom === undefined ? undefined : this.#search(this.#wantedFrom, has, undefined);
    if (wanted !== undefined) return wanted;
    while (this.#states[this.#first] !== MISSING) this.#first += 1;
    return this.#search(this.#first, has, rarity);
  }

  #search(from: number, has: (chunk: number) => boolean, rarity: Rarity | undefined): number | undefined {
    let [best, fewest, looked, ties] = [undefined as number | undefined, Number.POSITIVE_INFINITY, 0, 0];
    for (let chunk = from; chunk < this.#states.length && looked < RARITY_SPAN; chunk += 1) {
      if (this.#states[chunk] !== MISSING || !has(chunk)) continue;
      if (rarity === undefined) return chunk;
      looked += 1;
      const copies = rarity.copiesOf(chunk);
      if (copies > fewest) continue;
      ties = copies < fewest ? 1 : ties + 1;
      if (copies < fewest || rarity.below(ties) === 0) [best, fewest] = [chunk, copies];
    }
    return best;
  }

  /** From the highest bit of the first byte. */
  bitmap(): Uint8Array {
    const bits = new Uint8Array(Math.ceil(this.#states.length / 8));
    this.#states.forEach((state, chunk) => {
      if (state === HELD) setBit(bits, chunk);
    });
    return bits;
  }

  #set(chunk: number, state: number): void {
    const before = this.#states[chunk]!;
    if (before === state) return;
    if (before === MISSING) this.#missing -= 1;
    if (state === MISSING) this.#missing += 1;
    if (before === HELD) this.#held -= 1;
    if (state === HELD) this.#held += 1;
    this.#states[chunk] = state;
  }
}

export function hasBit(bits: Uint8Array, index: number): boolean {
  return ((bits[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0;
}

export function setBit(bits: Uint8Array, index: number): void {
  bits[index >> 3]! |= 0x80 >> (index & 7);
}
