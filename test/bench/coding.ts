/**
 * How fast segments of 128 + 64 blocks are coded: check blocks made, and blocks brought back that were lost, in MiB of
 * data a second, by vector instructions and in plain TypeScript. Run: npm run bench -- coding [--json]
 */
import type { LinearCombiner } from '../../src-main/core/ports.ts';
import { checkMatrix, plainCombiner, recoveryMatrix } from '../../src-main/core/publish/reed-solomon.ts';
import { PAYLOAD_BYTES } from '../../src-main/core/wire/record.ts';
import { createCombiner } from '../../src-main/workers/coding/combiner.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { Report } from './lib/report.ts';

const DATA = 128;
const CHECKS = 64;
const MIB = 1_048_576;
const SEED = 1;
const random = seededRandom(SEED);
const data = Array.from({ length: DATA }, () => random.bytes(PAYLOAD_BYTES));
const blanks = (count: number) => Array.from({ length: count }, () => new Uint8Array(PAYLOAD_BYTES));

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

const report = new Report('coding', SEED);
const fast = measure(createCombiner(), 40);
const plain = measure(plainCombiner, 1);
for (const [name, part] of [
  ['check blocks made, 128 + 64', 'encode'],
  ['segment brought back, 2 lost', 'few'],
  ['segment brought back, 64 lost', 'most'],
] as const)
  report.add({ name, value: fast[part], unit: 'MiB/s', beside: { name: 'plain TypeScript', value: plain[part] } });
report.print();
