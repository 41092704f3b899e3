/** How much work stands behind a stamp (core/routing/stamps.ts) or a claim of words (core/addresses/claim.ts). */
import type { Crypto } from '../ports.ts';

/** Leading zero bits of H("stamp", digest, stamp); `digest` is the address of a record, or of what is claimed. */
export function stampBits(crypto: Crypto, digest: Uint8Array, stamp: Uint8Array): number {
  const hash = crypto.hash('stamp', digest, stamp);
  const byte = hash.findIndex((value) => value !== 0);
  return byte < 0 ? hash.length * 8 : byte * 8 + Math.clz32(hash[byte]!) - 24;
}
