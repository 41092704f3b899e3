/** Seals the rows of a database under a key of this installation. */
import { concatBytes } from '../../../shared/base/bytes.ts';
import type { Crypto, Random } from '../../core/ports.ts';

const NONCE_BYTES = 24;

export class Sealer {
  readonly #crypto: Crypto;
  readonly #random: Random;
  readonly #key: Uint8Array;

  constructor(crypto: Crypto, random: Random, key: Uint8Array) {
    this.#crypto = crypto;
    this.#random = random;
    this.#key = key;
  }

  /** Nonce (24), then the plaintext sealed by XChaCha20-Poly1305. */
  seal(plaintext: Uint8Array, associated: Uint8Array): Uint8Array {
    const nonce = this.#random.bytes(NONCE_BYTES);
    return concatBytes(nonce, this.#crypto.seal(plaintext, nonce, this.#key, associated));
  }

  open(sealed: Uint8Array, associated: Uint8Array): Uint8Array | undefined {
    if (sealed.length < NONCE_BYTES) return undefined;
    return this.#crypto.open(sealed.subarray(NONCE_BYTES), sealed.subarray(0, NONCE_BYTES), this.#key, associated);
  }

  /** What a row is found by without telling what it is of: H(tag, key, ...parts). */
  rowId(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
    return this.#crypto.hash(tag, this.#key, ...parts);
  }
}
