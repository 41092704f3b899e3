/**
 * A level (the pieces of a file, or its list blocks of one level) in segments: 128 blocks each, the last fewer, and behind
 * the d blocks of each its check blocks,
 *
 *   c = max(d / 2 rounded up, least)
 *
 * of which any d of d + c bring it back (reed-solomon.ts). `least` is n - k of the publication when it was made: a segment
 * of one block then survives whatever the shares survive. Addresses of a level stand in this order: data, check, data ...
 */
import type { LinearCombiner } from '../ports.ts';
import { PAYLOAD_BYTES } from '../wire/record.ts';
import { checkMatrix, MAX_CHECK_BLOCKS, SEGMENT_BLOCKS } from './reed-solomon.ts';

/** Check blocks of a segment of `data` blocks, 1 ... 128. `least`: 0 ... MAX_CHECK_BLOCKS. */
export function checkCount(data: number, least: number): number {
  return Math.max(Math.ceil(data / 2), least);
}

export interface Segment {
  /** Position of its first address among those of its level. */
  readonly first: number;
  readonly data: number;
  readonly check: number;
}

/** Segment number `segment` of a level of `blocks` blocks. */
export function segmentAt(blocks: number, segment: number, least: number): Segment {
  const data = Math.min(SEGMENT_BLOCKS, blocks - segment * SEGMENT_BLOCKS);
  return { first: codedPosition(segment * SEGMENT_BLOCKS, least), data, check: checkCount(data, least) };
}

/** Position of block `index` of a level, which is no check block, among the addresses of the level. */
export function codedPosition(index: number, least: number): number {
  const segment = Math.floor(index / SEGMENT_BLOCKS);
  return segment * (SEGMENT_BLOCKS + checkCount(SEGMENT_BLOCKS, least)) + (index % SEGMENT_BLOCKS);
}

/** Number of the segment that address number `position` of a level belongs to. */
export function segmentOf(position: number, least: number): number {
  return Math.floor(position / (SEGMENT_BLOCKS + checkCount(SEGMENT_BLOCKS, least)));
}

/** Addresses of a level of `blocks` blocks. */
export function codedCount(blocks: number, least: number): number {
  const rest = blocks % SEGMENT_BLOCKS;
  return codedPosition(blocks, least) + (rest === 0 ? 0 : checkCount(rest, least));
}

/** Makes the check blocks of a level while its blocks come by. Holds those of one segment: 128 x 32 KiB = 4 MiB at most. */
export class SegmentEncoder {
  readonly #combiner: LinearCombiner;
  readonly #least: number;
  readonly #blank: () => Uint8Array;
  #blocksLeft: number;
  /** Copies of the segment's payloads, their memory used again for each segment. */
  readonly #segment: Uint8Array[] = [];
  #filled = 0;

  /** `blocks`: of the whole level, 1 and more. `blank` gives memory for the payload of a check block. */
  constructor(
    combiner: LinearCombiner,
    blocks: number,
    least: number,
    blank: () => Uint8Array = () => new Uint8Array(PAYLOAD_BYTES),
  ) {
    if (!isLeast(least)) throw new RangeError(`no least number of check blocks: ${least}`);
    this.#combiner = combiner;
    this.#blank = blank;
    this.#blocksLeft = blocks;
    this.#least = least;
  }

  /** Takes the payload of the next block, which is copied. The payloads of the check blocks when it ends a segment, else none. */
  add(payload: Uint8Array): Uint8Array[] {
    if (this.#blocksLeft === 0) throw new RangeError('the level has no more blocks');
    this.#blocksLeft -= 1;
    const copy = (this.#segment[this.#filled] ??= new Uint8Array(PAYLOAD_BYTES));
    copy.set(payload);
    this.#filled += 1;
    if (this.#filled < SEGMENT_BLOCKS && this.#blocksLeft > 0) return [];
    const segment = this.#segment.slice(0, this.#filled);
    this.#filled = 0;
    const checks = checkCount(segment.length, this.#least);
    const payloads = Array.from({ length: checks }, () => this.#blank());
    this.#combiner.combine(payloads, segment, checkMatrix(segment.length, checks));
    return payloads;
  }
}

export function isLeast(least: number): boolean {
  return Number.isInteger(least) && least >= 0 && least <= MAX_CHECK_BLOCKS;
}
