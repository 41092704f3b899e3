/**
 * What changed in a word table, as it travels: for each piece of 2^14 bits (of a smaller table, all of it) in which something did, which
 * bits did. A piece is a byte with its form and then
 *
 *   0        the bits themselves: set where the tables differ, in the order of the table
 *   1 + r    the gaps between the bits that differ, each less one, from before the first, as Rice's code with parameter r (0 ... 13): the
 *            gap div 2^r in ones, a zero, the gap mod 2^r in r bits; from the highest bit of each byte, filled up with ones
 *
 * r is the greatest with count x 2^r <= 0.7 x bits (at least 0), which is within 3 % of the best; form 0 where it takes fewer bytes. Nothing else is
 * accepted, so that a change has one encoding.
 *
 * Measured (test/unit/search/word-table.test.ts): the whole table of 200,000 words, of 256 KiB, in 176; a change of 100 words in 424
 * bytes. The entropy of the bits is 3 % less.
 */
import { bytesEqual } from '../../../shared/base/bytes.ts';

export const PIECE_BITS = 2 ** 14;
const PIECE_BYTES = PIECE_BITS / 8;
const PLAIN = 0;
/** Of the greatest parameter that a form can say. */
const MAX_FORM = 14;

export interface TablePiece {
  /** Of the table, from 0. */
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** What turns one table into another of its length. A table that is told anew is a change of one that has no words. */
export function tablePieces(before: Uint8Array, after: Uint8Array): TablePiece[] {
  if (before.length !== after.length) throw new RangeError('tables of different lengths have no difference');
  const pieces: TablePiece[] = [];
  for (let from = 0; from < after.length; from += PIECE_BYTES) {
    const changed = changedBits(before, after, from);
    if (changed !== undefined) pieces.push({ index: from / PIECE_BYTES, bytes: encodePiece(changed) });
  }
  return pieces;
}

/** Of the piece that begins there; undefined where it is the same in both. Most are, so that loops are plain here. */
function changedBits(before: Uint8Array, after: Uint8Array, from: number): Uint8Array | undefined {
  const to = Math.min(from + PIECE_BYTES, after.length);
  let at = from;
  while (at < to && before[at] === after[at]) at += 1;
  if (at === to) return undefined;
  const changed = new Uint8Array(to - from);
  for (; at < to; at += 1) changed[at - from] = before[at]! ^ after[at]!;
  return changed;
}

/** Changes the table; false, and the table as it was, for what no tablePieces has made. */
export function applyTablePiece(table: Uint8Array, piece: TablePiece): boolean {
  const from = piece.index * PIECE_BYTES;
  if (from >= table.length) return false;
  const changed = decodePiece(piece.bytes, Math.min(PIECE_BYTES, table.length));
  if (changed === undefined || changed.every((byte) => byte === 0)) return false;
  if (!bytesEqual(encodePiece(changed), piece.bytes)) return false;
  for (let index = 0; index < changed.length; index += 1) table[from + index]! ^= changed[index]!;
  return true;
}

function encodePiece(changed: Uint8Array): Uint8Array {
  const gaps = gapsOf(changed);
  const parameter = parameterOf(gaps.length, changed.length * 8);
  const bits = gaps.reduce((sum, gap) => sum + (gap >> parameter) + 1 + parameter, 0);
  const bytes = Math.ceil(bits / 8);
  if (bytes >= changed.length) return Uint8Array.of(PLAIN, ...changed);
  const encoded = new Uint8Array(1 + bytes).fill(0xff);
  encoded[0] = 1 + parameter;
  let at = 8;
  const clear = (): void => {
    encoded[at >>> 3]! &= ~(0x80 >> (at & 7));
    at += 1;
  };
  for (const gap of gaps) {
    at += gap >> parameter;
    clear();
    for (let bit = parameter - 1; bit >= 0; bit -= 1) {
      if (((gap >> bit) & 1) === 0) clear();
      else at += 1;
    }
  }
  return encoded;
}

/** Undefined for what has no meaning; what has another encoding as well shows when it is encoded again. */
function decodePiece(encoded: Uint8Array, length: number): Uint8Array | undefined {
  const form = encoded[0];
  if (form === undefined || form > MAX_FORM) return undefined;
  if (form === PLAIN) return encoded.length === 1 + length ? encoded.subarray(1) : undefined;
  const parameter = form - 1;
  const changed = new Uint8Array(length);
  const end = encoded.length * 8;
  const bitAt = (position: number): number => (encoded[position >>> 3]! >> (7 - (position & 7))) & 1;
  let at = 8;
  let index = -1;
  for (;;) {
    let gap = 0;
    while (at < end && bitAt(at) === 1) {
      gap += 1;
      at += 1;
    }
    if (at + 1 + parameter > end) return at >= end ? changed : undefined;
    at += 1;
    for (let bit = 0; bit < parameter; bit += 1) {
      gap = gap * 2 + bitAt(at);
      at += 1;
    }
    index += 1 + gap;
    if (index >= length * 8) return undefined;
    changed[index >>> 3]! |= 1 << (index & 7);
  }
}

function gapsOf(changed: Uint8Array): number[] {
  const gaps: number[] = [];
  let last = -1;
  changed.forEach((byte, at) => {
    for (let bit = 0; byte >> bit !== 0; bit += 1) {
      if (((byte >> bit) & 1) === 0) continue;
      gaps.push(at * 8 + bit - last - 1);
      last = at * 8 + bit;
    }
  });
  return gaps;
}

function parameterOf(count: number, bits: number): number {
  let parameter = 0;
  while (parameter < MAX_FORM - 1 && count * 2 ** (parameter + 1) * 10 <= 7 * bits) parameter += 1;
  return parameter;
}
