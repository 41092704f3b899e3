/** Small operations on byte strings that the core, the hosts and the renderer share. */

const DIGITS = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** So many bytes are turned into text at once. */
const PART_BYTES = 64;
/** Letters of a part, by its length; filled anew each time. */
const letterCodes = Array.from({ length: PART_BYTES + 1 }, (_, length) => Array.from({ length: length * 2 }, () => 0));

/**
 * Lower-case hexadecimal; the key of choice for maps that are indexed by bytes. Made in one piece: V8 keeps a text that is
 * put together byte by byte as a tree of its parts, several times as large, for as long as it is the key of a map.
 */
export function toHex(bytes: Uint8Array): string {
  let text = hexOfPart(bytes, 0);
  for (let start = PART_BYTES; start < bytes.length; start += PART_BYTES) text += hexOfPart(bytes, start);
  return text;
}

function hexOfPart(bytes: Uint8Array, start: number): string {
  const length = Math.min(PART_BYTES, bytes.length - start);
  const codes = letterCodes[length]!;
  for (let index = 0; index < length; index += 1) {
    const byte = bytes[start + index]!;
    codes[index * 2] = DIGITS[byte >> 4]!;
    codes[index * 2 + 1] = DIGITS[byte & 15]!;
  }
  return String.fromCharCode.apply(null, codes);
}

/** Inverse of toHex. Returns undefined for odd lengths, upper case or any other character. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(text.slice(index * 2, index * 2 + 2), 16);
  }
  return bytes;
}

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

/** Lexicographic order: negative, zero or positive as `a` sorts before, with or after `b`. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = a[index]! - b[index]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** A whole number below 2^32 as 4 bytes, big-endian: the order of bytes is that of numbers. */
export function u32Bytes(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
