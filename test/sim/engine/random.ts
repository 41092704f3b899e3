/**
 * The generator of the simulator: sfc32 (Chris Doty-Humphrey's Small Fast Counting generator, PractRand), 128 bits of
 * state. test/support/seeded-random.ts has 32 bits, and ten thousand nodes that draw from one cycle of 2^32 would meet:
 * two nodes would then draw the same message ids. Not for secrets.
 */
import type { Random } from '../../../src-main/core/ports.ts';

export class SimRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Streams with another `stream` of the same seed are independent. */
  constructor(seed: number, stream = 0) {
    this.#a = seed >>> 0;
    this.#b = Math.floor(seed / 2 ** 32) >>> 0;
    this.#c = stream >>> 0;
    // As its author asks: twelve rounds until every bit of the seed has reached every bit of the state.
    for (let round = 0; round < 12; round += 1) this.next();
  }

  /** Uniform in 0 ... 2^32 - 1. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length; index += 4) {
      const word = this.next();
      bytes[index] = word;
      if (index + 1 < length) bytes[index + 1] = word >>> 8;
      if (index + 2 < length) bytes[index + 2] = word >>> 16;
      if (index + 3 < length) bytes[index + 3] = word >>> 24;
    }
    return bytes;
  }

  below(bound: number): number {
    // Draws again what would make small values likelier.
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let value = this.next();
    while (value >= limit) value = this.next();
    return value % bound;
  }

  /** Uniform in [0, 1), 32 bits of it. */
  fraction(): number {
    return this.next() / 2 ** 32;
  }

  /** Uniform between the two. */
  between(low: number, high: number): number {
    return low + (high - low) * this.fraction();
  }

  /** Exponentially distributed with this mean: the times between arrivals of a Poisson process. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.fraction());
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** In place (Fisher and Yates). */
  shuffle<Item>(items: Item[]): Item[] {
    for (let index = items.length - 1; index > 0; index -= 1) {
      const other = this.below(index + 1);
      [items[index], items[other]] = [items[other]!, items[index]!];
    }
    return items;
  }
}
