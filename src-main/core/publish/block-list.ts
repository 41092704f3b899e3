/**
 * Where the blocks of a file are. Up to 32 addresses stand in the list itself; more are put, 1,023 at a time, into list
 * blocks, whose addresses are listed in turn, until 32 or fewer are left: the roots.
 *
 *   coding     1       0: one block a piece, no check blocks. 1 is kept for Reed-Solomon (segments of 128 pieces with
 *                      64 check blocks behind each) and refused so far
 *   levels     1       of list blocks: the least number that leaves at most 32 roots, 0 ... 3
 *   roots      uint    their number, which follows from the size
 *              32 each
 *
 * The size of the file precedes it wherever a list stands. With another coding there are more addresses to a file
 * (addressCount), which the lists hold in the order of segments, and piece p has another position among them
 * (addressIndex); nothing else changes.
 *
 * A list block is sealed like a piece: plaintext 1,023 addresses (the last of a level may have fewer) and zeros, 16 of
 * them at least; key H("list key", file key); nonce: its number within its level as 64 bits LE, level (1 byte), zeros
 * (15); associated data the level, one byte.
 */
import { fail, ok } from '../../../shared/base/result.ts';
import type { Result } from '../../../shared/base/result.ts';
import type { Crypto } from '../ports.ts';
import type { Reader, Writer } from '../wire/codec.ts';
import { ADDRESS_BYTES, contentAddress } from '../wire/record.ts';
import { openBlock, PIECE_BYTES, pieceCount, sealBlock } from './piece.ts';
import type { PieceFault } from './piece.ts';

/** 32 x 32 bytes: the list of a file of 1 MB stands in the manifest, that of a greater one takes no more room there. */
export const MAX_ROOTS = 32;
/** Addresses that fit in a piece. */
export const LIST_ADDRESSES = Math.floor(PIECE_BYTES / ADDRESS_BYTES);
/** 32 x 1,023^3 pieces, a petabyte: beyond any file, and every number stays an exact integer. */
export const MAX_LEVELS = 3;
export const MAX_FILE_BYTES = MAX_ROOTS * LIST_ADDRESSES ** MAX_LEVELS * PIECE_BYTES;

export const CODING_NONE = 0;
export type Coding = typeof CODING_NONE;

export interface BlockList {
  /** Of the file, 1 ... MAX_FILE_BYTES. */
  readonly sizeBytes: number;
  readonly coding: Coding;
  readonly levels: number;
  readonly roots: readonly Uint8Array[];
}

/** Addresses of blocks that a file has under a coding. */
export function addressCount(sizeBytes: number, _coding: Coding): number {
  return pieceCount(sizeBytes);
}

/** Position of a piece among the addresses. */
export function addressIndex(piece: number, _coding: Coding): number {
  return piece;
}

/** Blocks on the network, lists included. */
export function blockCount(sizeBytes: number, coding: Coding = CODING_NONE): number {
  let count = addressCount(sizeBytes, coding);
  let total = count;
  while (count > MAX_ROOTS) {
    count = Math.ceil(count / LIST_ADDRESSES);
    total += count;
  }
  return total;
}

/** Levels and number of roots for a number of addresses. */
function shapeOf(addresses: number): { levels: number; roots: number } {
  let levels = 0;
  let roots = addresses;
  while (roots > MAX_ROOTS) {
    roots = Math.ceil(roots / LIST_ADDRESSES);
    levels += 1;
  }
  return { levels, roots };
}

export function writeBlockList(writer: Writer, list: BlockList): void {
  const shape = shapeOf(addressCount(list.sizeBytes, list.coding));
  const possible = list.sizeBytes >= 1 && list.sizeBytes <= MAX_FILE_BYTES && list.coding === CODING_NONE;
  if (!possible || shape.levels !== list.levels || shape.roots !== list.roots.length) {
    throw new RangeError('not a possible block list');
  }
  writer.u8(list.coding).u8(list.levels);
  writer.list(list.roots, (to, root) => to.fixed(root, ADDRESS_BYTES));
}

/** `sizeBytes` was read before. Roots are copies. */
export function readBlockList(reader: Reader, sizeBytes: number): BlockList {
  if (sizeBytes < 1) reader.fail('not-canonical');
  if (sizeBytes > MAX_FILE_BYTES) reader.fail('too-long');
  const coding = reader.oneOf([CODING_NONE]);
  const levels = reader.u8();
  const roots = reader.list(MAX_ROOTS, (from) => from.fixed(ADDRESS_BYTES).slice());
  const shape = shapeOf(addressCount(sizeBytes, coding));
  if (shape.levels !== levels || shape.roots !== roots.length) reader.fail('not-canonical');
  return { sizeBytes, coding, levels, roots };
}

/** A list block to be inserted. */
export interface ListBlock {
  readonly level: number;
  /** Within its level, from 0. */
  readonly index: number;
  readonly address: Uint8Array;
  readonly payload: Uint8Array;
}

interface Level {
  /** Addresses that are in no list block yet: at most LIST_ADDRESSES. */
  waiting: Uint8Array[];
  /** List blocks made of this level's addresses. */
  blocks: number;
}

/**
 * Takes the addresses of a file's blocks in order and gives out list blocks as they fill. Holds 1,023 addresses a level
 * at most, whatever the size of the file.
 */
export class BlockListBuilder {
  readonly #crypto: Crypto;
  readonly #listKey: Uint8Array;
  readonly #levels: Level[] = [{ waiting: [], blocks: 0 }];

  constructor(crypto: Crypto, key: Uint8Array) {
    this.#crypto = crypto;
    this.#listKey = listKey(crypto, key);
  }

  /** The list blocks that this address completed, lowest level first: nearly always none. */
  push(address: Uint8Array): ListBlock[] {
    if (address.length !== ADDRESS_BYTES) throw new RangeError('not an address');
    return this.#add(0, address.slice());
  }

  /** The list, and the blocks that were begun only. `sizeBytes` is that of the file. The builder is spent after. */
  finish(sizeBytes: number): { readonly list: BlockList; readonly blocks: ListBlock[] } {
    const count = this.#count(0);
    if (sizeBytes < 1 || addressCount(sizeBytes, CODING_NONE) !== count) {
      throw new RangeError(`${count} addresses for a file of ${sizeBytes} bytes`);
    }
    const blocks: ListBlock[] = [];
    let level = 0;
    while (this.#count(level) > MAX_ROOTS) {
      if (this.#levels[level]!.waiting.length > 0) blocks.push(...this.#close(level));
      level += 1;
    }
    const roots = this.#levels[level]!.waiting;
    return { list: { sizeBytes, coding: CODING_NONE, levels: level, roots }, blocks };
  }

  /** Addresses of a level so far. */
  #count(level: number): number {
    const { waiting, blocks } = this.#levels[level] ?? { waiting: [], blocks: 0 };
    return blocks * LIST_ADDRESSES + waiting.length;
  }

  #add(level: number, address: Uint8Array): ListBlock[] {
    if (level > MAX_LEVELS) throw new RangeError('the file is too long');
    const state = (this.#levels[level] ??= { waiting: [], blocks: 0 });
    state.waiting.push(address);
    return state.waiting.length === LIST_ADDRESSES ? this.#close(level) : [];
  }

  /** Makes a list block of what waits on a level, and adds its address to the next. */
  #close(level: number): ListBlock[] {
    const state = this.#levels[level]!;
    const plaintext = new Uint8Array(state.waiting.length * ADDRESS_BYTES);
    state.waiting.forEach((address, position) => plaintext.set(address, position * ADDRESS_BYTES));
    const index = state.blocks;
    const payload = sealBlock(this.#crypto, this.#listKey, level + 1, index, plaintext);
    const address = contentAddress(this.#crypto, payload);
    state.waiting = [];
    state.blocks += 1;
    return [{ level: level + 1, index, address, payload }, ...this.#add(level + 1, address)];
  }
}

/** A list block on the way to a piece, and which of its addresses leads on. */
export interface ListStep {
  readonly level: number;
  readonly index: number;
  /** Addresses in it, for openListBlock. */
  readonly count: number;
  readonly position: number;
}

/**
 * The way from the roots to a piece: `root` is the position among the roots; each step is a list block to fetch (by the
 * address that the one before gave), highest level first. Without steps the root is the block of the piece itself.
 */
export function pathToPiece(list: BlockList, piece: number): { readonly root: number; readonly steps: ListStep[] } {
  const addresses = addressCount(list.sizeBytes, list.coding);
  const target = addressIndex(piece, list.coding);
  if (!Number.isInteger(piece) || piece < 0 || piece >= pieceCount(list.sizeBytes))
    throw new RangeError(`no piece ${piece}`);
  const steps: ListStep[] = [];
  let index = target;
  let entries = addresses;
  for (let level = 1; level <= list.levels; level += 1) {
    const position = index % LIST_ADDRESSES;
    index = Math.floor(index / LIST_ADDRESSES);
    steps.unshift({ level, index, count: Math.min(LIST_ADDRESSES, entries - index * LIST_ADDRESSES), position });
    entries = Math.ceil(entries / LIST_ADDRESSES);
  }
  return { root: index, steps };
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
