/**
 * Which words an index has, for those who ask hubs only where something may be found: a Bloom filter (Bloom 1970) with two bits a word.
 *
 * A table has 2^L bits, L from MIN_TABLE_BITS to MAX_TABLE_BITS, so that its length says how large it is; bit i is bit (i mod 8), from
 * the lowest, of byte (i div 8). A word sets the bits mix(h) mod 2^L and mix(h xor 0x9e3779b9) mod 2^L, where h is FNV-1a of 32 bits over
 * its units of UTF-16, each taken as a whole, and mix is the end of MurmurHash3. So a table folded in half is the table of half the
 * size. Someone who makes up words that collide makes a hub be asked in vain, which any word that it lists does as well.
 */
import { MAX_TABLE_BITS, MIN_TABLE_BITS } from '../limits.ts';
import type { Query } from './query.ts';
import { tablePrefixOf } from './words.ts';

/** Bits a word: with two bits set for each, and a third of a table's range to grow in, 3.3 % of other words seem there at most. */
const BITS_OF_WORD = 10;
const SECOND = 0x9e3779b9;

/** Counts words, so that they can be taken away again; and says about how many texts have one (never too few; a count-min sketch). */
export class WordCounts {
  /** One for each bit of the largest table. Two threads may look at the same ones; one writes. */
  readonly #counters: Uint32Array;

  constructor(counters: Uint32Array) {
    this.#counters = counters;
  }

  /** `times`: texts that have it more than before; below zero for fewer. */
  add(word: string, times: number): void {
    const hash = hashOf(word);
    const first = mix(hash) & (WORD_COUNTERS - 1);
    const second = mix(hash ^ SECOND) & (WORD_COUNTERS - 1);
    this.#count(first, times);
    if (second !== first) this.#count(second, times);
  }

  #count(index: number, times: number): void {
    // What is taken away was put in; should the folding of words have changed in between, the next start counts anew.
    this.#counters[index] = Math.max(0, this.#counters[index]! + times);
  }

  /** Texts that have the word; more when others share its counters. */
  textsWith(word: string): number {
    const hash = hashOf(word);
    const first = this.#counters[mix(hash) & (WORD_COUNTERS - 1)]!;
    return Math.min(first, this.#counters[mix(hash ^ SECOND) & (WORD_COUNTERS - 1)]!);
  }

  clear(): void {
    this.#counters.fill(0);
  }

  /** Whether all words are counted, so that what nothing is counted for is nowhere. */
  get isWhole(): boolean {
    return this.#counters[WORD_COUNTERS] === 1;
  }

  setWhole(): void {
    this.#counters[WORD_COUNTERS] = 1;
  }

  table(): Uint8Array {
    let free = 0;
    for (let index = 0; index < WORD_COUNTERS; index += 1) if (this.#counters[index] === 0) free += 1;
    // So many words leave so many counters free.
    const table = emptyTable((Math.log(Math.max(1, free) / WORD_COUNTERS) * WORD_COUNTERS) / -2);
    const mask = table.length * 8 - 1;
    for (let index = 0; index < WORD_COUNTERS; index += 1) {
      if (this.#counters[index] !== 0) setBit(table, index & mask);
    }
    return table;
  }
}

export const WORD_COUNTERS = 2 ** MAX_TABLE_BITS;
/** With one behind them that says that all are counted. */
export const WORD_COUNTER_BYTES = (WORD_COUNTERS + 1) * Uint32Array.BYTES_PER_ELEMENT;

/** A table of these words, each given once. */
export function tableOf(words: ReadonlySet<string>): Uint8Array {
  const table = emptyTable(words.size);
  for (const word of words) {
    const hash = hashOf(word);
    setBit(table, mix(hash) & (table.length * 8 - 1));
    setBit(table, mix(hash ^ SECOND) & (table.length * 8 - 1));
  }
  return table;
}

function emptyTable(words: number): Uint8Array {
  const bits = Math.ceil(Math.log2(Math.max(1, words * BITS_OF_WORD)));
  return new Uint8Array(2 ** (Math.min(MAX_TABLE_BITS, Math.max(MIN_TABLE_BITS, bits)) - 3));
}

/** False: no text there has the word. True: one may. */
export function tableHas(table: Uint8Array, word: string): boolean {
  const hash = hashOf(word);
  return hasBit(table, mix(hash)) && hasBit(table, mix(hash ^ SECOND));
}

/** Whether an index with this table may have something for the query. */
export function tableMayAnswer(table: Uint8Array, query: Query): boolean {
  // Roots are not in tables: there is one for each file.
  return query.terms.every(
    ({ kind, words, excluded }) =>
      excluded || words.every((word) => tableHas(table, kind === 'prefix' ? tablePrefixOf(word) : word)),
  );
}

/** What any of the tables has, as large as the largest: a smaller one says the same when it is repeated. */
export function unionOfTables(tables: readonly Uint8Array[]): Uint8Array {
  const bytes = tables.reduce((most, table) => Math.max(most, table.length), 2 ** (MIN_TABLE_BITS - 3));
  const union = new Uint8Array(bytes);
  for (const table of tables) join(union, table);
  return union;
}

/** By units of 32 bits where the table lies so, which takes a quarter of the time. */
function join(union: Uint8Array, table: Uint8Array): void {
  if (table.byteOffset % 4 !== 0) {
    for (let index = 0; index < union.length; index += 1) union[index]! |= table[index & (table.length - 1)]!;
    return;
  }
  const [to, from] = [new Uint32Array(union.buffer), new Uint32Array(table.buffer, table.byteOffset, table.length / 4)];
  for (let index = 0; index < to.length; index += 1) to[index]! |= from[index & (from.length - 1)]!;
}

function setBit(table: Uint8Array, index: number): void {
  table[index >>> 3]! |= 1 << (index & 7);
}

function hasBit(table: Uint8Array, hash: number): boolean {
  const index = hash & (table.length * 8 - 1);
  return (table[index >>> 3]! & (1 << (index & 7))) !== 0;
}

function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < word.length; index += 1) hash = Math.imul(hash ^ word.charCodeAt(index), 0x01000193);
  return hash;
}

function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
