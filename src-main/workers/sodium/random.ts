/** Random of core/ports.ts: the operating system's generator, by libsodium. */
import sodium from 'sodium-native';
import type { Random } from '../../core/ports.ts';

const TWO_POW_32 = 0x1_0000_0000;
/** Words are drawn this many at a time, for a call into native code costs more than the four bytes. */
const WORDS = 64;

class SystemRandom implements Random {
  readonly #words = new Uint32Array(WORDS);
  #next = WORDS;

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    if (length > 0) sodium.randombytes_buf(bytes);
    return bytes;
  }

  /** Unbiased: words above the last whole multiple of `bound` are drawn again (fewer than two draws on average). */
  below(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > TWO_POW_32)
      throw new RangeError(`bound out of range: ${bound}`);
    const limit = TWO_POW_32 - (TWO_POW_32 % bound);
    for (;;) {
      const word = this.#word();
      if (word < limit) return word % bound;
    }
  }

  #word(): number {
    if (this.#next === WORDS) {
      sodium.randombytes_buf(new Uint8Array(this.#words.buffer));
      this.#next = 0;
    }
    const word = this.#words[this.#next]!;
    // What was drawn is not kept: it may have become part of something secret.
    this.#words[this.#next] = 0;
    this.#next += 1;
    return word;
  }
}

export function createSystemRandom(): Random {
  return new SystemRandom();
}
