/**
 * The content key K, split k of n by Shamir's scheme.
 *
 *   secret    40    K (32), then the first 8 bytes of H("key check", K)
 *   share_i   40    byte b of share i is f_b(i), where f_b is a polynomial over GF(2^8) of degree k - 1 at most, f_b(0) is
 *                   byte b of the secret and the other coefficients are uniformly random, zero included.
 *                   GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1 (0x11d); i, 1 ... n, is the field element of that number.
 *                   For k = 1 every share is the secret.
 *
 * The index is not in the share: its slot says it. secrets.js-grempe does the arithmetic; of its text format nothing
 * remains. It puts a byte 01 before the secret to keep leading zeros, and shares that byte like the rest; we leave that
 * share out, for the length is fixed, and put back 01 on combining (the constant polynomial 1 is 1 everywhere). Its
 * padding to 128 bits, meant to hide the length of short secrets, would only add bytes known to be zero: padLength 8.
 *
 * Its own generator never draws a zero, which would tell who has k - 1 shares of 255 possible secrets of 256: ours is
 * uniform. It combines wrong shares to a wrong key in silence: hence the check, 2^-64.
 */
import secrets from 'secrets.js-grempe';
import { bytesEqual, concatBytes, fromHex, toHex } from '../../../shared/base/bytes.ts';
import { MAX_SHARES } from '../../../shared/base/links.ts';
import type { Crypto, Random } from '../ports.ts';

export const CONTENT_KEY_BYTES = 32;
const CHECK_BYTES = 8;
export const SHARE_BYTES = CONTENT_KEY_BYTES + CHECK_BYTES;
const BITS = 8;
const MARKER = Uint8Array.of(1);

export interface IndexedShare {
  /** 1 ... n. */
  readonly index: number;
  readonly share: Uint8Array;
}

/** A fresh K. Never use one for two manifests: the keys of files follow from it. */
export function randomContentKey(random: Random): Uint8Array {
  return random.bytes(CONTENT_KEY_BYTES);
}

/** share_1 ... share_n. */
export function splitKey(crypto: Crypto, random: Random, contentKey: Uint8Array, k: number, n: number): Uint8Array[] {
  if (contentKey.length !== CONTENT_KEY_BYTES) throw new RangeError(`a content key has ${CONTENT_KEY_BYTES} bytes`);
  if (!Number.isInteger(k) || !Number.isInteger(n) || k < 1 || k > n || n > MAX_SHARES)
    throw new RangeError(`${k} of ${n}`);
  return splitBytes(random, concatBytes(contentKey, keyCheck(crypto, contentKey)), k, n);
}

/**
 * K, or undefined when the shares do not belong together, are too few, or one is wrong. Exactly k with different
 * indices are to be given: fewer or more make no sense.
 */
export function combineShares(crypto: Crypto, shares: readonly IndexedShare[]): Uint8Array | undefined {
  const secret = combineBytes(shares);
  if (secret?.length !== SHARE_BYTES) return undefined;
  const contentKey = secret.slice(0, CONTENT_KEY_BYTES);
  return bytesEqual(keyCheck(crypto, contentKey), secret.subarray(CONTENT_KEY_BYTES)) ? contentKey : undefined;
}

function keyCheck(crypto: Crypto, contentKey: Uint8Array): Uint8Array {
  return crypto.hash('key check', contentKey).subarray(0, CHECK_BYTES);
}

/** The scheme itself, for a secret of any length; exported for the test of its distribution. */
export function splitBytes(random: Random, secret: Uint8Array, k: number, n: number): Uint8Array[] {
  // The library takes no threshold below 2; a polynomial of degree 0 is the same everywhere.
  if (k === 1) return Array.from({ length: n }, () => secret.slice());
  // All coefficients at once: k - 1 for each byte and for the marker.
  const coefficients = random.bytes((secret.length + 1) * (k - 1));
  let used = 0;
  return withLibrary(
    () => binary(coefficients[used++]!),
    () =>
      secrets.share(toHex(secret), n, k, BITS).map((text) => {
        const bytes = fromHex(secrets.extractShareComponents(text).data)!;
        return bytes.slice(MARKER.length);
      }),
  );
}

function combineBytes(shares: readonly IndexedShare[]): Uint8Array | undefined {
  const [first] = shares;
  const possible =
    first !== undefined &&
    shares.every(({ index }) => Number.isInteger(index) && index >= 1 && index <= MAX_SHARES) &&
    shares.every(({ share }) => share.length === SHARE_BYTES) &&
    new Set(shares.map(({ index }) => index)).size === shares.length;
  if (!possible) return undefined;
  if (shares.length === 1) return first.share;
  const texts = shares.map(
    ({ index, share }) => BITS.toString(36) + toHex(Uint8Array.of(index)) + toHex(concatBytes(MARKER, share)),
  );
  return withLibrary(undefined, () => fromHex(secrets.combine(texts)));
}

/**
 * The library keeps its field, its tables and its generator in the module. Every call here starts from fresh state and
 * leaves fresh state behind, so that nothing passes from one call to the next nor to anybody else who uses it.
 */
function withLibrary<Value>(generator: (() => string) | undefined, work: () => Value): Value {
  const library = secrets as unknown as {
    init(bits: number): void;
    setRNG(generator: (bits: number) => string): boolean;
  };
  library.init(BITS);
  try {
    if (generator !== undefined) {
      // setRNG draws a few times to try the generator, and refuses one that draws a zero then: it gets ones to try.
      let trying = true;
      library.setRNG(() => (trying ? '1'.repeat(BITS) : generator()));
      trying = false;
    }
    return work();
  } finally {
    library.init(BITS);
  }
}

function binary(byte: number): string {
  return byte.toString(2).padStart(BITS, '0');
}
