/**
 * The code of a segment: Reed-Solomon in Cauchy's form over GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1 (0x11d), the field of
 * the shares. Of d data blocks, check block j is, byte by byte,
 *
 *   check_j = sum over i of data_i / (x_j + y_i)      x_j = 128 + j, y_i = i, + is XOR
 *
 * No x is a y and none is there twice, so every square part of the matrix can be inverted (Cauchy, 1841): any d of all
 * d + c blocks give the segment back. Check block j does not depend on how many there are. Source of the construction:
 * Blömer et al., An XOR-based erasure-resilient coding scheme, ICSI TR-95-048.
 *
 * Here is the arithmetic in plain words; workers/coding does the same to whole blocks with vector instructions.
 */
import type { LinearCombiner } from '../ports.ts';

/** Data blocks of a segment at most, and so the first x. */
export const SEGMENT_BLOCKS = 128;
/** n - k of the largest publications (100 shares, any one of which is enough). 128 + 99 points fit in the field of 256. */
export const MAX_CHECK_BLOCKS = 99;
const POLYNOMIAL = 0x11d;
const FIELD = 256;

const EXP = new Uint8Array(2 * (FIELD - 1));
const LOG = new Uint8Array(FIELD);
for (let power = 0, value = 1; power < FIELD - 1; power += 1) {
  EXP[power] = value;
  EXP[power + FIELD - 1] = value;
  LOG[value] = power;
  value <<= 1;
  if (value >= FIELD) value ^= POLYNOMIAL;
}

export function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : EXP[LOG[a]! + LOG[b]!]!;
}

/** Of a number from 1 to 255. */
export function inverse(a: number): number {
  if (a === 0) throw new RangeError('zero has no inverse');
  return EXP[FIELD - 1 - LOG[a]!]!;
}

/** 1 / (x_j + y_i): what data block i counts for in check block j. */
export function coefficient(check: number, data: number): number {
  return inverse((SEGMENT_BLOCKS + check) ^ data);
}

/** The matrix that makes check blocks 0 ... `checks` - 1 of `data` blocks: a row for each. */
export function checkMatrix(data: number, checks: number): Uint8Array {
  requireSegment(data, checks);
  return Uint8Array.from({ length: checks * data }, (_, cell) => coefficient(Math.floor(cell / data), cell % data));
}

/**
 * The matrix that makes the missing data blocks, in order, of those that are there. `present`: positions within the
 * segment, the data first, then the check blocks; ascending, each once, exactly `data` of them.
 */
export function recoveryMatrix(data: number, present: readonly number[]): Uint8Array {
  const ascending = present.every((position, at) => position > (present[at - 1] ?? -1));
  if (present.length !== data || !ascending) throw new RangeError('not as many blocks as the segment has data');
  requireSegment(data, Math.max(0, present[data - 1]! + 1 - data));
  const kept = present.filter((position) => position < data);
  const checks = present.slice(kept.length).map((position) => position - data);
  const keptSet = new Set(kept);
  const missing = Array.from({ length: data }, (_, position) => position).filter((position) => !keptSet.has(position));
  const solved = invert(checks.map((check) => Uint8Array.from(missing, (position) => coefficient(check, position))));
  // missing = solved x (checks + what the kept data count for in them)
  const keptRows = checks.map((check) => Uint8Array.from(kept, (position) => coefficient(check, position)));
  const matrix = new Uint8Array(missing.length * data);
  solved.forEach((row, at) => {
    const ofKept = matrix.subarray(at * data, at * data + kept.length);
    keptRows.forEach((keptRow, term) => addScaled(ofKept, keptRow, row[term]!));
    matrix.set(row, at * data + kept.length);
  });
  return matrix;
}

/** By Gauss and Jordan. The rows are used up. */
function invert(rows: readonly Uint8Array[]): Uint8Array[] {
  const size = rows.length;
  const result = rows.map((_, at) => new Uint8Array(size).fill(1, at, at + 1));
  for (let column = 0; column < size; column += 1) {
    // Every leading part of a Cauchy matrix can be inverted too, so no pivot is ever zero and no rows are exchanged.
    const scale = inverse(rows[column]![column]!);
    for (const side of [rows, result]) scaleRow(side[column]!, scale);
    for (let row = 0; row < size; row += 1) {
      const factor = rows[row]![column]!;
      if (row === column || factor === 0) continue;
      for (const side of [rows, result]) addScaled(side[row]!, side[column]!, factor);
    }
  }
  return result;
}

function scaleRow(row: Uint8Array, factor: number): void {
  for (let at = 0; at < row.length; at += 1) row[at] = multiply(row[at]!, factor);
}

/** target += factor x source */
function addScaled(target: Uint8Array, source: Uint8Array, factor: number): void {
  if (factor === 0) return;
  const power = LOG[factor]!;
  for (let at = 0; at < target.length; at += 1) {
    const value = source[at]!;
    if (value !== 0) target[at]! ^= EXP[LOG[value]! + power]!;
  }
}

/** What LinearCombiner is, byte by byte: what the fast one is compared with. */
export const plainCombiner: LinearCombiner = {
  combine(outputs, sources, matrix) {
    outputs.forEach((output, row) => {
      output.fill(0);
      sources.forEach((source, column) => addScaled(output, source, matrix[row * sources.length + column]!));
    });
  },
};

function requireSegment(data: number, checks: number): void {
  const possible = data >= 1 && data <= SEGMENT_BLOCKS && checks >= 0 && checks <= MAX_CHECK_BLOCKS;
  if (!possible) throw new RangeError(`no segment of ${data} and ${checks} blocks`);
}
