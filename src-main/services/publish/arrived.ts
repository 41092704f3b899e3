/** A set of numbers from 0, most of them in a row: a bit each, 128 KiB for the blocks of a file of 20 GiB. */

/** As many blocks as files that a journal is kept of may have: 2^26 is 1.4 TiB, 8 MiB of bits. Later ones are sent again. */
export const MAX_NUMBERED_BLOCKS = 2 ** 26;

export class Arrived {
  #bits = new Uint8Array(64);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  has(number: number): boolean {
    return ((this.#bits[number >> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }

  add(number: number): void {
    if (number >= MAX_NUMBERED_BLOCKS || this.has(number)) return;
    while (number >> 3 >= this.#bits.length) {
      const larger = new Uint8Array(this.#bits.length * 2);
      larger.set(this.#bits);
      this.#bits = larger;
    }
    this.#bits[number >> 3]! |= 1 << (number & 7);
    this.#count += 1;
  }

  /** First, count, first, count, and so on. */
  ranges(): number[] {
    const ranges: number[] = [];
    for (let number = 0; number < this.#bits.length * 8; number += 1) {
      if (!this.has(number)) continue;
      const first = number;
      while (this.has(number)) number += 1;
      ranges.push(first, number - first);
    }
    return ranges;
  }

  addRanges(ranges: readonly number[]): void {
    for (let position = 0; position + 1 < ranges.length; position += 2) {
      const first = ranges[position]!;
      const end = Math.min(first + ranges[position + 1]!, MAX_NUMBERED_BLOCKS);
      for (let number = first; number < end; number += 1) this.add(number);
    }
  }
}
