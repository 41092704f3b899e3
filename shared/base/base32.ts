/**
 * Base32 of RFC 4648 in lower case without padding, strictly: one text for each byte string. Letters of either case
 * are read; digits 0, 1, 8, 9 are not in it, nor is a length that no byte string has, nor spare bits that are not zero.
 */
import { base32nopad } from '@scure/base';

export function encodeBase32(bytes: Uint8Array): string {
  return base32nopad.encode(bytes).toLowerCase();
}

/** Undefined for anything that encodeBase32 does not write, but for the case of letters. */
export function decodeBase32(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z2-7]*$/.test(text)) return undefined;
  try {
    return base32nopad.decode(text.toUpperCase());
  } catch {
    return undefined;
  }
}
