/**
 * How fast segments of 128 + 64 blocks are coded: check blocks made, and blocks brought back that were lost, in MiB of
 * data a second, by vector instructions and in plain TypeScript. Option: --json PATH.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { LinearCombiner } from '../../src-main/core/ports.ts';
import { checkMatrix, plainCombiner, recoveryMatrix } from '../../src-main/core/publish/reed-solomon.ts';
import { PAYLOAD_BYTES } from '../../src-main/core/wire/record.ts';
import { createCombiner } from '../../src-main/workers/coding/combiner.ts';
import { seededRandom } from '../support/seeded-random.ts';

const DATA = 128;
const CHECKS = 64;
const MIB = 1_048_576;
const random = seededRandom(1);
const data = Array.from({ length: DATA }, () => random.bytes(PAYLOAD_BYTES));
const blanks = (count: number) => Array.from({ length: count }, () => new Uint8Array(PAYLOAD_BYTES));

export interface CodingResult {
  readonly name: string;
  readonly value: number;
  readonly unit: 'MiB/s';
  readonly plain: number;
}

/** The best of `rounds`, in MiB of the segment's data a second. */
function rate(rounds: number, work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    work();
    best = Math.min(best, performance.now() - started);
  }
  return (DATA * PAYLOAD_BYTES) / MIB / (best / 1_000);
}

function measure(combiner: LinearCombiner, rounds: number): { encode: number; few: number; most: number } {
  const checks = blanks(CHECKS);
  const encode = rate(rounds, () => combiner.combine(checks, data, checkMatrix(DATA, CHECKS)));
  const all = [...data, ...checks];
  const decode = (lost: number): number => {
    // The first are lost, and the first check blocks stand in for them.
    const present = Array.from({ length: DATA }, (_, at) => lost + at);
    const recovered = blanks(lost);
    const sources = present.map((position) => all[position]!);
    const value = rate(rounds, () => combiner.combine(recovered, sources, recoveryMatrix(DATA, present)));
    if (!recovered.every((block, at) => Buffer.compare(block, data[at]!) === 0))
      throw new Error('other bytes came back');
    return value;
  };
  return { encode, few: decode(2), most: decode(CHECKS) };
}

export function benchCoding(): CodingResult[] {
  const fast = measure(createCombiner(), 40);
  const plain = measure(plainCombiner, 1);
  return [
    { name: 'check blocks made, 128 + 64', value: fast.encode, unit: 'MiB/s', plain: plain.encode },
    { name: 'segment brought back, 2 lost', value: fast.few, unit: 'MiB/s', plain: plain.few },
    { name: 'segment brought back, 64 lost', value: fast.most, unit: 'MiB/s', plain: plain.most },
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { json: { type: 'string' } } });
  const results = benchCoding();
  for (const { name, value, unit, plain } of results) {
    console.log(`${name.padEnd(32)} ${value.toFixed(0).padStart(6)} ${unit}   plain TypeScript ${plain.toFixed(1)}`);
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
}
