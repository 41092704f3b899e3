/**
 * Multiplies bytes of GF(2^8) sixteen at a time, by a WebAssembly module of one function (assembler.ts): a product with a
 * constant is the XOR of two table look-ups, one for each half of the byte, and a look-up in sixteen entries is one
 * instruction (Plank, Greenan and Miller, Screaming fast Galois field arithmetic using Intel SIMD instructions, FAST 2013).
 *
 *   addProducts(to, from, end, t0, t1, t2, t3)
 *     for each 16 bytes at `from` up to `end`, and r from 0 to 3:
 *       memory[to + r x SLICE_BYTES] ^= low_r[byte & 15] ^ high_r[byte >> 4]
 *     with low_r the 16 bytes at t_r and high_r the 16 behind them
 *
 * Four outputs at once, so that a source is loaded and halved once for four and all tables stay in registers.
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
  instantiate,
  LOOP,
  NO_RESULT,
  PAGE_BYTES,
  set,
  tee,
  unsigned,
  V128,
} from '../assembler.ts';

/** Bytes of each block that are worked on at once: four outputs and some sources stay in the first-level cache. */
export const SLICE_BYTES = 4_096;
/** Outputs of one call. */
export const ROWS = 4;

export interface Kernel {
  readonly memory: Uint8Array;
  addProducts(to: number, from: number, end: number, t0: number, t1: number, t2: number, t3: number): void;
}

/** With `memoryBytes` of memory, which never grows. */
export function createKernel(memoryBytes: number): Kernel {
  const pages = Math.ceil(memoryBytes / PAGE_BYTES);
  // The relaxed look-up differs only for indices above 15, which do not occur, and saves an instruction on x86.
  const relaxed = assembled(pages, RELAXED_SWIZZLE);
  const bytes = WebAssembly.validate(relaxed) ? relaxed : assembled(pages, SWIZZLE);
  return instantiate(bytes) as unknown as Kernel;
}

// WebAssembly Core Specification 2.0; the relaxed look-up is of 3.0.
const VECTOR = 0xfd;
const LOAD = [VECTOR, 0x00];
const STORE = [VECTOR, 0x0b];
const CONST = [VECTOR, 0x0c];
const AND = [VECTOR, 0x4e];
const XOR = [VECTOR, 0x51];
/** Of 16-bit lanes: bytes have no shift of their own on x86, and what comes from the neighbour is masked away. */
const SHIFT_RIGHT = [VECTOR, ...unsigned(0x8d)];
const SWIZZLE = [VECTOR, 0x0e];
const RELAXED_SWIZZLE = [VECTOR, ...unsigned(0x100)];

/** Alignment 2^4, and an offset. */
const at = (offset: number): number[] => [4, ...unsigned(offset)];

const TO = 0;
const FROM = 1;
const LAST = 2;
const TABLE = 3;
const PARAMETERS = TABLE + ROWS;
const low = (row: number): number => PARAMETERS + 2 * row;
const high = (row: number): number => low(row) + 1;
const MASK = PARAMETERS + 2 * ROWS;
const LOW_HALVES = MASK + 1;
const HIGH_HALVES = MASK + 2;

function addProductsCode(swizzle: readonly number[]): number[] {
  const rows = Array.from({ length: ROWS }, (_, row) => row);
  return [
    ...rows.flatMap((row) => [
      ...[...get(TABLE + row), ...LOAD, ...at(0), ...set(low(row))],
      ...[...get(TABLE + row), ...LOAD, ...at(16), ...set(high(row))],
    ]),
    ...[...CONST, ...Array.from({ length: 16 }, () => 0x0f), ...set(MASK)],
    ...[LOOP, NO_RESULT],
    ...[...get(FROM), ...LOAD, ...at(0), ...tee(HIGH_HALVES), ...get(MASK), ...AND, ...set(LOW_HALVES)],
    ...[...get(HIGH_HALVES), I32_CONST, 4, ...SHIFT_RIGHT, ...get(MASK), ...AND, ...set(HIGH_HALVES)],
    ...rows.flatMap((row) => [
      ...[...get(TO), ...get(TO), ...LOAD, ...at(row * SLICE_BYTES)],
      ...[...get(low(row)), ...get(LOW_HALVES), ...swizzle, ...XOR],
      ...[...get(high(row)), ...get(HIGH_HALVES), ...swizzle, ...XOR],
      ...[...STORE, ...at(row * SLICE_BYTES)],
    ]),
    ...[...get(TO), I32_CONST, 16, I32_ADD, ...set(TO)],
    ...[...get(FROM), I32_CONST, 16, I32_ADD, ...tee(FROM), ...get(LAST), I32_LT_U, BR_IF, 0],
    END,
  ];
}

function assembled(pages: number, swizzle: readonly number[]): Uint8Array<ArrayBuffer> {
  return assemble({
    pages,
    name: 'addProducts',
    parameters: Array.from({ length: PARAMETERS }, () => I32),
    results: [],
    locals: [[2 * ROWS + 3, V128]],
    body: addProductsCode(swizzle),
  });
}
