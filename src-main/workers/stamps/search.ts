/** Finds stamps as core/routing/stamps.ts defines them, some nine million tries a second. */
import { STAMP_BYTES } from '../../core/wire/messages.ts';
import { ADDRESS_BYTES } from '../../core/wire/record.ts';
import { createStampKernel, TRIES } from './kernel.ts';

/** Two seconds of work. Nobody asks for more than MAX_STAMP_BITS; the rest is room. */
const MAX_SEARCH_BITS = 24;

/** The first stamp, counting from zero, with `bits` or more. Throws RangeError for what is no address or number of bits. */
export type StampSearch = (address: Uint8Array, bits: number) => Uint8Array<ArrayBuffer>;

/** "stamp", the address and the stamp, each behind its length (docs/spec/README.md): the message of the hash. */
const TAG = [5, 0, 0, 0, 0x73, 0x74, 0x61, 0x6d, 0x70];
const ADDRESS_AT = TAG.length + 4;
const STAMP_AT = ADDRESS_AT + ADDRESS_BYTES + 4;
const MESSAGE_BYTES = STAMP_AT + STAMP_BYTES;

/** Not to be shared between threads. */
export function createStampSearch(): StampSearch {
  const { memory, search } = createStampKernel(MESSAGE_BYTES);
  memory.set(TAG);
  memory[ADDRESS_AT - 4] = ADDRESS_BYTES;
  memory[STAMP_AT - 4] = STAMP_BYTES;
  return (address, bits) => {
    requireSearchable(address, bits);
    memory.set(address, ADDRESS_AT);
    const mask = maskOf(bits);
    // The last byte of a stamp is the kernel's. Three before it are 2^32 tries: without a find once in e^256 searches.
    for (let high = 0; high < 2 ** 24; high += 1) {
      memory[STAMP_AT + 4] = high >>> 16;
      memory[STAMP_AT + 5] = high >>> 8;
      memory[STAMP_AT + 6] = high;
      const last = search(mask);
      if (last >= 0) return Uint8Array.of(0, 0, 0, 0, ...memory.subarray(STAMP_AT + 4, STAMP_AT + 7), last);
    }
    throw new RangeError(`no stamp of ${bits} bits among ${TRIES * 2 ** 24}`);
  };
}

export function requireSearchable(address: Uint8Array, bits: number): void {
  if (address.length !== ADDRESS_BYTES || !Number.isInteger(bits) || bits < 0 || bits > MAX_SEARCH_BITS)
    throw new RangeError(`no stamp of ${bits} bits for an address of ${address.length} bytes`);
}

/** The first `bits` bits of a digest, as its first four bytes are read little-endian. */
function maskOf(bits: number): number {
  let mask = 0;
  for (let byte = 0; byte < 3; byte += 1) {
    const inByte = Math.min(8, Math.max(0, bits - 8 * byte));
    mask |= ((0xff00 >> inByte) & 0xff) << (8 * byte);
  }
  return mask;
}
