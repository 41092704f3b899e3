/**
 * Stamps: proof of work for inserts, so that nobody fills a network for nothing (protocol, section 3; Hashcash, Back 2002).
 * A stamp of b bits for an address is 8 bytes with which H("stamp", address, stamp) begins with b zero bits: some 2^b
 * hashes to find, one to check.
 */
import type { Crypto } from '../ports.ts';
import { STAMP_BYTES } from '../wire/messages.ts';
import { stampBits } from '../wire/stamp-bits.ts';

/** The first stamp, counting from zero, with `bits` or more. Blocks for some 2^bits hashes. */
export function findStamp(crypto: Crypto, address: Uint8Array, bits: number): Uint8Array {
  const stamp = new Uint8Array(STAMP_BYTES);
  while (stampBits(crypto, address, stamp) < bits) increment(stamp);
  return stamp;
}

function increment(counter: Uint8Array): void {
  for (let index = counter.length - 1; index >= 0; index -= 1) {
    counter[index] = (counter[index]! + 1) & 255;
    if (counter[index] !== 0) return;
  }
}
