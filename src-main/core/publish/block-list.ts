/**
 * Where the blocks of a file are. Its pieces, in segments with their check blocks (segments.ts), are level 0. Up to 128
 * addresses of a level stand in the list itself, as its roots; more are put, 1,023 at a time, into list blocks, which are
 * the next level, coded in segments likewise.
 *
 *   coding     1       1: Reed-Solomon
 *   least      1       check blocks of a segment at least, 0 ... 99
 *   levels     1       of list blocks: the least number that leaves at most 128 roots, 0 ... 3
 *   roots      uint    their number, which follows from the size and `least`
 *              32 each
 *
 * The size of the file precedes it wherever a list stands.
 *
 * It ends: a level of N blocks, N of 2 and more, has at most N + 99 x (N / 128, rounded up) <= 50.5 N addresses, which are
 * in fewer than N list blocks; and one block has 100 addresses at most. The roots are always of one segment, because a
 * level of two segments has 129 blocks at least.
 *
 * A list block is sealed like a piece: plaintext 1,023 addresses (the last of a level may have fewer) and zeros, 16 of
 * them at least; key H("list key", file key); nonce: its number within its level, check blocks not counted, as 64 bits LE,
 * level (1 byte), zeros (15); associated data the level, one byte.
 */
import { fail, ok } from '../../../shared/base/result.ts';
import type { Result } from '../../../shared/base/result.ts';
import type { Crypto, LinearCombiner } from '../ports.ts';
import type { Reader, Writer } from '../wire/codec.ts';
import { ADDRESS_BYTES, contentAddress } from '../wire/record.ts';
import { openBlock, PIECE_BYTES, pieceCount, sealBlock } from './piece.ts';
import type { PieceFault } from './piece.ts';
import { SEGMENT_BLOCKS } from './reed-solomon.ts';
import { checkCount, codedCount, codedPosition, isLeast, SegmentEncoder } from './segments.ts';

/**
 * 4 KiB of a manifest at most. Above 100, the addresses of one list block with 99 check blocks. A list block has a segment
 * of its own and so costs 1 + n - k blocks, far more than room in the manifest: a file of 2.7 MiB, 85 + 43 blocks, has none.
 */
export const MAX_ROOTS = 128;
/** Addresses that fit in a piece. */
export const LIST_ADDRESSES = Math.floor(PIECE_BYTES / ADDRESS_BYTES);
/** Enough for MAX_FILE_BYTES, whatever `least` is: see the test. */
export const MAX_LEVELS = 3;
/** 128 TiB: beyond any file, and every number stays an exact integer. */
export const MAX_FILE_BYTES = 2 ** 47;

const CODING_REED_SOLOMON = 1;

export interface BlockList {
  /** Of the file, 1 ... MAX_FILE_BYTES. */
  readonly sizeBytes: number;
  /** Check blocks of a segment at least, 0 ... 99. */
  readonly least: number;
  readonly levels: number;
  readonly roots: readonly Uint8Array[];
}

export interface LevelShape {
  /** Without check blocks. */
  readonly blocks: number;
  /** With check blocks. */
  readonly addresses: number;
}

/** The levels of a file, the pieces first; the addresses of the last are the roots. */
export function levelShapes(sizeBytes: number, least: number): LevelShape[] {
  const shapes: LevelShape[] = [];
  for (let blocks = pieceCount(sizeBytes); ; blocks = Math.ceil(shapes.at(-1)!.addresses / LIST_ADDRESSES)) {
    const addresses = codedCount(blocks, least);
    shapes.push({ blocks, addresses });
    if (addresses <= MAX_ROOTS) return shapes;
  }
}

/** Blocks on the network, check blocks and lists included. */
export function blockCount(sizeBytes: number, least: number): number {
  return levelShapes(sizeBytes, least).reduce((sum, { addresses }) => sum + addresses, 0);
}

export interface Segments {
  readonly data: number;
  readonly check: number;
  readonly count: number;
}

/** The segments of all levels of a file, alike ones together. All of them are needed to read the whole. */
export function fileSegments(sizeBytes: number, least: number): Segments[] {
  return levelShapes(sizeBytes, least).flatMap(({ blocks }) => {
    const [full, rest] = [Math.floor(blocks / SEGMENT_BLOCKS), blocks % SEGMENT_BLOCKS];
    return [
      { data: SEGMENT_BLOCKS, check: checkCount(SEGMENT_BLOCKS, least), count: full },
      { data: rest, check: checkCount(rest, least), count: rest === 0 ? 0 : 1 },
    ].filter(({ count }) => count > 0);
  });
}

function fits(list: BlockList): boolean {
  const shapes = levelShapes(list.sizeBytes, list.least);
  return shapes.length - 1 === list.levels && shapes.at(-1)!.addresses === list.roots.length;
}

export function writeBlockList(writer: Writer, list: BlockList): void {
  const { sizeBytes, least, levels, roots } = list;
  const possible = sizeBytes >= 1 && sizeBytes <= MAX_FILE_BYTES && isLeast(least);
  if (!possible || !fits(list)) throw new RangeError('not a possible block list');
  writer.u8(CODING_REED_SOLOMON).u8(least).u8(levels);
  writer.list(roots, (to, root) => to.fixed(root, ADDRESS_BYTES));
}

/** `sizeBytes` was read before. Roots are copies. */
export function readBlockList(reader: Reader, sizeBytes: number): BlockList {
  if (sizeBytes < 1) reader.fail('not-canonical');
  if (sizeBytes > MAX_FILE_BYTES) reader.fail('too-long');
  reader.oneOf([CODING_REED_SOLOMON]);
  const least = reader.u8();
  if (!isLeast(least)) reader.fail('unknown-value');
  const levels = reader.u8();
  const roots = reader.list(MAX_ROOTS, (from) => from.fixed(ADDRESS_BYTES).slice());
  const list = { sizeBytes, least, levels, roots };
  if (!fits(list)) reader.fail('not-canonical');
  return list;
}

/** A list block to be inserted, or a check block of list blocks. */
export interface ListBlock {
  readonly level: number;
  /** Within its level, from 0; undefined for a check block. */
  readonly index: number | undefined;
  readonly address: Uint8Array;
  readonly payload: Uint8Array;
}

interface Level extends LevelShape {
  /** Addresses that are in no list block yet: at most LIST_ADDRESSES. */
  waiting: Uint8Array[];
  /** Addresses so far. */
  added: number;
  /** Of this level's own blocks; level 0 is coded where its blocks are. */
  readonly encoder: SegmentEncoder | undefined;
}

/**
 * Takes the addresses of a file's blocks, check blocks included, in their order, and gives out list blocks as they fill.
 * Holds 1,023 addresses a level, and 128 blocks of each level of lists, at most.
 */
export class BlockListBuilder {
  readonly #crypto: Crypto;
  readonly #listKey: Uint8Array;
  readonly #levels: readonly Level[];
  readonly #sizeBytes: number;
  readonly #least: number;

  /** Of a file of `sizeBytes`, 1 ... MAX_FILE_BYTES, under its key. */
  constructor(crypto: Crypto, combiner: LinearCombiner, key: Uint8Array, sizeBytes: number, least: number) {
    if (sizeBytes < 1 || sizeBytes > MAX_FILE_BYTES || !isLeast(least)) throw new RangeError('not a possible file');
    this.#crypto = crypto;
    this.#listKey = listKey(crypto, key);
    this.#sizeBytes = sizeBytes;
    this.#least = least;
    this.#levels = levelShapes(sizeBytes, least).map((shape, level) => ({
      ...shape,
      waiting: [],
      added: 0,
      encoder: level === 0 ? undefined : new SegmentEncoder(combiner, shape.blocks, least),
    }));
  }

  /** The list blocks that this address completed, and check blocks that these completed: nearly always none. */
  push(address: Uint8Array): ListBlock[] {
    if (address.length !== ADDRESS_BYTES) throw new RangeError('not an address');
    return this.#add(0, address.slice());
  }

  /** The list, when all addresses were pushed. */
  finish(): BlockList {
    const { added, addresses } = this.#levels[0]!;
    if (added !== addresses) throw new RangeError(`${added} addresses for a file of ${this.#sizeBytes} bytes`);
    const levels = this.#levels.length - 1;
    return { sizeBytes: this.#sizeBytes, least: this.#least, levels, roots: this.#levels[levels]!.waiting };
  }

  #add(level: number, address: Uint8Array): ListBlock[] {
    const state = this.#levels[level]!;
    if (state.added === state.addresses) throw new RangeError(`too many addresses for ${this.#sizeBytes} bytes`);
    state.waiting.push(address);
    state.added += 1;
    if (level === this.#levels.length - 1) return [];
    return state.waiting.length === LIST_ADDRESSES || state.added === state.addresses ? this.#close(level) : [];
  }

  /** Makes a list block of what waits on a level, and adds its address, and those of check blocks, to the next. */
  #close(level: number): ListBlock[] {
    const state = this.#levels[level]!;
    const plaintext = new Uint8Array(state.waiting.length * ADDRESS_BYTES);
    state.waiting.forEach((address, position) => plaintext.set(address, position * ADDRESS_BYTES));
    state.waiting = [];
    const index = Math.ceil(state.added / LIST_ADDRESSES) - 1;
    const payload = sealBlock(this.#crypto, this.#listKey, level + 1, index, plaintext);
    const checks = this.#levels[level + 1]!.encoder!.add(payload);
    return [payload, ...checks].flatMap((bytes, position) => {
      const address = contentAddress(this.#crypto, bytes);
      const block = { level: level + 1, index: position === 0 ? index : undefined, address, payload: bytes };
      return [block, ...this.#add(level + 1, address)];
    });
  }
}

/** A list block on the way to a block, and which of its addresses leads on. */
export interface ListStep {
  readonly level: number;
  readonly index: number;
  /** Addresses in it, for openListBlock. */
  readonly count: number;
  readonly position: number;
}

/**
 * The way from the roots to address number `position` of a level (segments.ts): `root` is the position among the roots;
 * each step is a list block to fetch (by the address that the one before gave), highest level first.
 */
export function pathToAddress(
  list: BlockList,
  level: number,
  position: number,
): { readonly root: number; readonly steps: ListStep[] } {
  const shapes = levelShapes(list.sizeBytes, list.least);
  if (!Number.isInteger(position) || position < 0 || !(position < (shapes[level]?.addresses ?? 0))) {
    throw new RangeError(`no address ${position} on level ${level}`);
  }
  const steps: ListStep[] = [];
  let target = position;
  for (let listLevel = level + 1; listLevel <= list.levels; listLevel += 1) {
    const index = Math.floor(target / LIST_ADDRESSES);
    const count = Math.min(LIST_ADDRESSES, shapes[listLevel - 1]!.addresses - index * LIST_ADDRESSES);
    steps.unshift({ level: listLevel, index, count, position: target % LIST_ADDRESSES });
    target = codedPosition(index, list.least);
  }
  return { root: target, steps };
}

/** The addresses in a list block, as one piece of memory: see addressAt. `key` is the file's. */
export function openListBlock(
  crypto: Crypto,
  key: Uint8Array,
  step: Pick<ListStep, 'level' | 'index' | 'count'>,
  payload: Uint8Array,
): Result<Uint8Array, PieceFault> {
  const opened = openBlock(crypto, listKey(crypto, key), step.level, step.index, step.count * ADDRESS_BYTES, payload);
  return opened.ok ? ok(opened.value) : fail(opened.code);
}

/** Address number `position` of what openListBlock gave. */
export function addressAt(addresses: Uint8Array, position: number): Uint8Array {
  return addresses.subarray(position * ADDRESS_BYTES, (position + 1) * ADDRESS_BYTES);
}

function listKey(crypto: Crypto, key: Uint8Array): Uint8Array {
  return crypto.hash('list key', key);
}
