/**
 * The search for a stamp (core/routing/stamps.ts) as a WebAssembly module of one function (assembler.ts). What a stamp is
 * hashed with fits in one block of BLAKE2b, so that a try is one compression: twelve rounds on 64-bit words, which the
 * processor has and JavaScript has not, with the words in locals, the rounds written out and what is zero left out.
 *
 *   search(mask)
 *     the least byte n, 0 ... 255, with which as the first byte of word 7 the first 32 bits of the digest have none of
 *     the bits of the mask; -1 without one. The block is the 64 bytes at 0; the other 64 of a block of BLAKE2b are zero.
 *
 * Two tries at once by vector instructions were a tenth faster and twice as long (measured).
 */
import {
  assemble,
  BR_IF,
  END,
  get,
  I32,
  I32_ADD,
  I32_CONST,
  I32_LT_U,
  I64,
  IF,
  instantiate,
  LOOP,
  NO_RESULT,
  RETURN,
  set,
  signed,
  tee,
} from '../assembler.ts';

/** Tries of one call. */
export const TRIES = 256;

export interface StampKernel {
  readonly memory: Uint8Array;
  search(mask: number): number;
}

/** For messages of `messageBytes` bytes, 57 ... 64. */
export function createStampKernel(messageBytes: number): StampKernel {
  return instantiate(
    assemble({
      pages: 1,
      name: 'search',
      parameters: [I32],
      results: [I32],
      locals: [
        [1, I32],
        [16 + MESSAGE_WORDS, I64],
      ],
      body: searchCode(messageBytes),
    }),
  ) as unknown as StampKernel;
}

/** Initial values, which are those of SHA-512, and the order of message words in each round (RFC 7693, 2.6 and 2.7). */
const IV = [
  0x6a09e667f3bcc908n,
  0xbb67ae8584caa73bn,
  0x3c6ef372fe94f82bn,
  0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n,
  0x9b05688c2b3e6c1fn,
  0x1f83d9abfb41bd6bn,
  0x5be0cd19137e2179n,
] as const;
const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
] as const;
const ROUNDS = 12;
/** Columns and diagonals of the working vector that a round mixes (RFC 7693, 3.2). */
const MIXED = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const;
/** Digest of 32 bytes, no key, one leaf (RFC 7693, 2.5). */
const PARAMETERS = 0x0101_0020n;
/** Words of the message that are not always zero. */
const MESSAGE_WORDS = 8;

const I64_CONST = 0x42;
const I64_LOAD = 0x29;
const I64_ADD = 0x7c;
const I64_XOR = 0x85;
const I64_ROTATE_RIGHT = 0x8a;
const I64_OF_I32 = 0xad;
const I32_OF_I64 = 0xa7;
const I32_AND = 0x71;
const I32_IS_ZERO = 0x45;

const MASK = 0;
const TRY = 1;
const working = (index: number): number => 2 + index;
const message = (index: number): number => 2 + 16 + index;

function searchCode(messageBytes: number): number[] {
  const first = IV[0] ^ PARAMETERS;
  // Counter and flag of the last block are in words 12 and 14.
  const start = [first, ...IV.slice(1), ...IV.slice(0, 4), IV[4] ^ BigInt(messageBytes), IV[5], ~IV[6], IV[7]];
  return [
    ...Array.from({ length: MESSAGE_WORDS - 1 }, (_, word) => [...loadWord(word), ...set(message(word))]).flat(),
    ...[LOOP, NO_RESULT],
    ...[...get(TRY), I64_OF_I32, ...set(message(7))],
    ...start.flatMap((word, index) => [I64_CONST, ...signed(word), ...set(working(index))]),
    ...Array.from({ length: ROUNDS }, (_, round) => roundCode(SIGMA[round % SIGMA.length]!)).flat(),
    ...[...get(working(0)), ...get(working(8)), I64_XOR, I64_CONST, ...signed(first), I64_XOR],
    ...[I32_OF_I64, ...get(MASK), I32_AND, I32_IS_ZERO, IF, NO_RESULT, ...get(TRY), RETURN, END],
    ...[...get(TRY), I32_CONST, 1, I32_ADD, ...tee(TRY), I32_CONST, 0x80, 0x02, I32_LT_U, BR_IF, 0],
    END,
    ...[I32_CONST, 0x7f],
  ];
}

/** Word 7 is not read: past its first byte, which is tried, it is zero. */
function loadWord(word: number): number[] {
  return [I32_CONST, 0, I64_LOAD, 3, 8 * word];
}

function roundCode(order: readonly number[]): number[] {
  return MIXED.flatMap(([a, b, c, d], at) => [
    ...halfCode(a, b, c, d, order[2 * at]!, 32, 24),
    ...halfCode(a, b, c, d, order[2 * at + 1]!, 16, 63),
  ]);
}

/** Half of the mixing function G. */
function halfCode(a: number, b: number, c: number, d: number, word: number, turnD: number, turnB: number): number[] {
  const addWord = word < MESSAGE_WORDS ? [...get(message(word)), I64_ADD] : [];
  return [
    ...[...get(working(a)), ...get(working(b)), I64_ADD, ...addWord, ...tee(working(a))],
    ...[...get(working(d)), I64_XOR, I64_CONST, ...signed(BigInt(turnD)), I64_ROTATE_RIGHT, ...tee(working(d))],
    ...[...get(working(c)), I64_ADD, ...tee(working(c))],
    ...[...get(working(b)), I64_XOR, I64_CONST, ...signed(BigInt(turnB)), I64_ROTATE_RIGHT, ...set(working(b))],
  ];
}
