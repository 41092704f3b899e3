import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LinearCombiner } from '../../../src-main/core/ports.ts';
import {
  checkMatrix,
  coefficient,
  inverse,
  MAX_CHECK_BLOCKS,
  multiply,
  plainCombiner,
  recoveryMatrix,
  SEGMENT_BLOCKS,
} from '../../../src-main/core/publish/reed-solomon.ts';
import { createCombiner } from '../../../src-main/workers/coding/combiner.ts';
import { random } from './samples.ts';

const fast = createCombiner();
const blanks = (count: number, length: number) => Array.from({ length: count }, () => new Uint8Array(length));

/** Multiplication as it is defined: of polynomials, reduced. */
function slowMultiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 8; bit += 1) if ((b >> bit) & 1) product ^= a << bit;
  for (let bit = 14; bit >= 8; bit -= 1) if ((product >> bit) & 1) product ^= 0x11d << (bit - 8);
  return product;
}

function encode(combiner: LinearCombiner, data: readonly Uint8Array[], checks: number): Uint8Array[] {
  const outputs = blanks(checks, data[0]!.length);
  combiner.combine(outputs, data, checkMatrix(data.length, checks));
  return outputs;
}

function recover(combiner: LinearCombiner, all: readonly Uint8Array[], data: number, present: readonly number[]) {
  const outputs = blanks(data - present.filter((position) => position < data).length, all[0]!.length);
  combiner.combine(
    outputs,
    present.map((position) => all[position]!),
    recoveryMatrix(data, present),
  );
  const missing = Array.from({ length: data }, (_, at) => at).filter((at) => !present.includes(at));
  missing.forEach((position, at) => assert.deepEqual(outputs[at], all[position], `block ${position}`));
}

function* choices(from: number, count: number, first = 0): Generator<number[]> {
  if (count === 0) yield [];
  else
    for (let next = first; next <= from - count; next += 1)
      for (const rest of choices(from, count - 1, next + 1)) yield [next, ...rest];
}

describe('the field', () => {
  it('multiplies as polynomials do, and inverts', () => {
    for (let a = 0; a < 256; a += 1) {
      for (let b = 0; b < 256; b += 1) assert.equal(multiply(a, b), slowMultiply(a, b));
      if (a > 0) assert.equal(slowMultiply(a, inverse(a)), 1);
    }
    assert.throws(() => inverse(0), RangeError);
  });
});

describe('the code', () => {
  it('is the sum that the format says, whatever computes it', () => {
    for (const [data, checks] of [
      [1, 1],
      [1, 99],
      [2, 7],
      [5, 4],
      [128, 64],
      [128, 99],
    ] as const) {
      const blocks = Array.from({ length: data }, () => random.bytes(48));
      const plain = encode(plainCombiner, blocks, checks);
      assert.deepEqual(encode(fast, blocks, checks), plain);
      plain.forEach((block, check) => {
        for (const byte of [0, 17, 47]) {
          let sum = 0;
          blocks.forEach((source, at) => (sum ^= slowMultiply(source[byte]!, inverse((128 + check) ^ at))));
          assert.equal(block[byte], sum);
        }
      });
    }
  });

  it('gives each segment back from every choice of as many blocks as it has data, where they can be counted', () => {
    for (let data = 1; data <= 6; data += 1) {
      for (let checks = 1; checks <= 5; checks += 1) {
        const blocks = Array.from({ length: data }, () => random.bytes(16));
        const all = [...blocks, ...encode(plainCombiner, blocks, checks)];
        for (const present of choices(data + checks, data)) {
          recover(plainCombiner, all, data, present);
          recover(fast, all, data, present);
        }
      }
    }
  });

  it('and from random choices of long ones', () => {
    for (const [data, checks] of [
      [SEGMENT_BLOCKS, 64],
      [SEGMENT_BLOCKS, MAX_CHECK_BLOCKS],
      [100, 50],
      [3, MAX_CHECK_BLOCKS],
    ] as const) {
      const blocks = Array.from({ length: data }, () => random.bytes(32));
      const all = [...blocks, ...encode(fast, blocks, checks)];
      const last = Array.from({ length: data }, (_, at) => data + checks - data + at);
      const drawn = Array.from({ length: 12 }, () => {
        const left = Array.from({ length: data + checks }, (_, at) => at);
        while (left.length > data) left.splice(random.below(left.length), 1);
        return left;
      });
      for (const present of [last, ...drawn]) recover(fast, all, data, present);
    }
  });

  it('takes blocks of any length that vectors can', () => {
    const lengths = fc.integer({ min: 1, max: 700 }).map((vectors) => vectors * 16);
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (length, data, checks) => {
        const blocks = Array.from({ length: data }, () => random.bytes(length));
        assert.deepEqual(encode(fast, blocks, checks), encode(plainCombiner, blocks, checks));
      }),
      { numRuns: 60 },
    );
  });

  it('overwrites what was in the outputs, and leaves the sources alone', () => {
    const blocks = Array.from({ length: 5 }, () => random.bytes(32_768));
    const before = blocks.map((block) => block.slice());
    const outputs = Array.from({ length: 3 }, () => random.bytes(32_768));
    fast.combine(outputs, blocks, checkMatrix(5, 3));
    assert.deepEqual(outputs, encode(plainCombiner, before, 3));
    assert.deepEqual(blocks, before);
  });

  it('refuses what is no segment', () => {
    for (const [data, checks] of [
      [0, 1],
      [129, 1],
      [1, 100],
    ] as const)
      assert.throws(() => checkMatrix(data, checks), RangeError);
    for (const present of [[0], [0, 1, 2], [1, 0], [1, 1], [-1, 0], [0, 102]])
      assert.throws(() => recoveryMatrix(2, present), RangeError);
    assert.deepEqual(recoveryMatrix(2, [0, 1]), new Uint8Array(0), 'nothing is missing');
    const [a, b] = [new Uint8Array(32), new Uint8Array(16)];
    for (const [outputs, sources, cells] of [
      [[a], [b], 1],
      [[a], [a], 2],
      [[new Uint8Array(8)], [new Uint8Array(8)], 1],
      [[a], Array.from({ length: 129 }, () => a), 129],
    ] as const)
      assert.throws(() => fast.combine(outputs, sources, new Uint8Array(cells)), RangeError);
    assert.equal(coefficient(0, 0), inverse(128));
  });
});
