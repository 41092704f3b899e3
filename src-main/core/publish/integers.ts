/** Integers and text as parts of a hash: fixed widths, little-endian. */
declare const TextEncoder: { new (): { encode(text: string): Uint8Array } };
const encoder = new TextEncoder();

/** 4 bytes; throws RangeError for anything that is not 0 ... 2^32 - 1. */
export function uint32(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw new RangeError(`not 32 bits: ${value}`);
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
}

/** UTF-8; the caller sees to it that the text is well formed. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}
