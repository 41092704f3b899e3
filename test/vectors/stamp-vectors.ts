/** Golden vectors of stamps: docs/spec/routing.md, "Stamps". */
import { toHex } from '../../shared/base/bytes.ts';
import type { Crypto } from '../../src-main/core/ports.ts';
import { findStamp } from '../../src-main/core/routing/stamps.ts';
import { stampBits } from '../../src-main/core/wire/stamp-bits.ts';

/** Of each number of bits the first stamp; how many bits it has is at least as many. */
export function stampVectors(crypto: Crypto, address: Uint8Array): unknown {
  const stamps = [0, 1, 4, 8, 10, 16].map((bits) => {
    const stamp = findStamp(crypto, address, bits);
    const digest = toHex(crypto.hash('stamp', address, stamp));
    return { bits, stamp: toHex(stamp), digest, has: stampBits(crypto, address, stamp) };
  });
  return { address: toHex(address), stamps };
}
