/** New inputs from old ones: the changes of AFL's "havoc" stage (https://lcamtuf.coredump.cx/afl/technical_details.txt, section 6). */
import type { Random } from '../../src-main/core/ports.ts';

/** Bytes that decide something in most formats: bounds of integers, delimiters of text, marks of markup. */
const TELLING = [0, 1, 0x0a, 0x20, 0x22, 0x26, 0x2f, 0x3a, 0x3c, 0x3e, 0x7f, 0x80, 0xc0, 0xed, 0xf4, 0xfe, 0xff];
const MAX_CHANGES = 6;
/** Longest piece that one change copies, moves or removes. */
const MAX_PIECE_BYTES = 64;

/** `others`: inputs that pieces may be taken from. `maxBytes`: the result is not longer. */
export function mutate(input: Uint8Array, others: readonly Uint8Array[], random: Random, maxBytes: number): Uint8Array {
  let bytes = input;
  for (let left = 1 + random.below(MAX_CHANGES); left > 0; left -= 1) bytes = changed(bytes, others, random);
  return bytes.length > maxBytes ? bytes.slice(0, maxBytes) : bytes;
}

function changed(bytes: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  const at = random.below(bytes.length + 1);
  if (at === bytes.length) return inserted(bytes, at, Uint8Array.of(random.below(256)));
  switch (random.below(9)) {
    case 0:
      return bytes.with(at, bytes[at]! ^ (1 << random.below(8)));
    case 1:
      return bytes.with(at, random.below(256));
    case 2:
      return bytes.with(at, TELLING[random.below(TELLING.length)]!);
    case 3:
      return bytes.with(at, (bytes[at]! + 1 + random.below(35) - 18) & 0xff);
    case 4:
      return removed(bytes, at, 1 + random.below(MAX_PIECE_BYTES));
    case 5:
      return inserted(bytes, at, random.bytes(1 + random.below(4)));
    case 6:
      return inserted(bytes, random.below(bytes.length), bytes.subarray(at, at + 1 + random.below(MAX_PIECE_BYTES)));
    case 7:
      return bytes.slice(0, at);
    default: {
      const other = others[random.below(others.length)]!;
      const from = random.below(other.length + 1);
      const piece = other.subarray(from, from + 1 + random.below(MAX_PIECE_BYTES));
      return inserted(random.below(2) === 0 ? bytes : removed(bytes, at, piece.length), at, piece);
    }
  }
}

function inserted(bytes: Uint8Array, at: number, piece: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bytes.length + piece.length);
  whole.set(bytes.subarray(0, at));
  whole.set(piece, at);
  whole.set(bytes.subarray(at), at + piece.length);
  return whole;
}

function removed(bytes: Uint8Array, at: number, length: number): Uint8Array {
  return inserted(bytes.subarray(0, at), at, bytes.subarray(at + length));
}
