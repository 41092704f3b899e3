/**
 * Publications and a file of 10 MiB on a practice network of forty real processes, of which a part is killed at once, and
 * their publisher with them: which can be read then, from a machine that never saw them, beside the binomial.
 * Run: npm run soak -- availability [--gone 0.3] [--nodes 40] [--each 12] [--seed NUMBER] [--json]
 *
 * Prints the seed of whom it kills; what keys the processes have, and so what lies where, no seed says. Ends with 1 when the
 * file comes back with other bytes, or nothing at all can be read. A node takes some 130 MiB.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MIB } from '../../shared/base/units.ts';
import { COPIES } from '../../src-main/core/limits.ts';
import { inParallel } from '../../src-main/services/flow/in-parallel.ts';
import { Report } from '../bench/lib/report.ts';
import { atLeast, survival } from '../sim/publications/binomial.ts';
import { segmentsOf } from '../sim/publications/made.ts';
import { jobEnd, startPractice } from '../support/practice.ts';
import type { Daemon } from '../support/practice.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { untilLinks } from './lib/linked.ts';

/** Those of the experiment in the simulator (test/sim/experiments/availability.ts). */
const SHARES = [
  [3, 10],
  [5, 10],
  [10, 20],
  [20, 60],
] as const;
const FILE_BYTES = 10 * MIB;
const LEAST_LINKS = 8;
const AT_ONCE = 4;

const { values } = parseArgs({
  options: {
    gone: { type: 'string', default: '0.3' },
    nodes: { type: 'string', default: '40' },
    each: { type: 'string', default: '12' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    json: { type: 'boolean' },
  },
});
const [gone, nodes, each, seed] = [values.gone, values.nodes, values.each, values.seed].map(Number) as [
  number,
  number,
  number,
  number,
];
if (!(gone > 0 && gone < 1) || !Number.isInteger(nodes) || nodes < 12 || !Number.isInteger(each) || each < 1) {
  process.stderr.write('--gone is between 0 and 1, --nodes a whole number from 12, --each one from 1.\n');
  process.exit(2);
}

interface Published {
  readonly k: number;
  readonly n: number;
  readonly link: string;
  readonly bytes: Buffer;
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const random = seededRandom(seed);
say(`seed ${seed}`);
const report = new Report('soak availability');
const practice = await startPractice(nodes);
let isSound = true;
try {
  const publisher = await practice.startDaemon('publisher');
  await untilLinks(publisher.client, LEAST_LINKS);
  say(`${nodes} nodes run`);
  const wanted = SHARES.flatMap(([k, n]) => Array.from({ length: each }, (_, number) => ({ k, n, number })));
  const published: Published[] = [];
  await inParallel(wanted, AT_ONCE, async ({ k, n, number }) => {
    published.push(await publish(publisher, `${k}-${n}-${number}.bin`, k, n, randomBytes(2_000)));
  });
  const file = await publish(publisher, 'file.bin', 3, 10, randomBytes(FILE_BYTES));
  say(`${published.length} publications and a file of ${FILE_BYTES / MIB} MiB are published`);

  const reader = await practice.startDaemon('reader');
  await untilLinks(reader.client, LEAST_LINKS);
  // The publisher has a copy of all, and goes with the others.
  const all = nodes + 1;
  const dying = Math.round(gone * all);
  const pids = practice.nodes.map(({ pid }) => pid);
  for (let count = 1; count < dying; count += 1) {
    const [pid] = pids.splice(random.below(pids.length), 1);
    process.kill(pid!, 'SIGKILL');
  }
  await publisher.kill();
  const part = dying / all;
  say(`${dying} of ${all} are gone`);

  const startedMs = performance.now();
  const found = new Map<Published, number>();
  const read = new Set<Published>();
  await inParallel(published, AT_ONCE, async (one) => {
    found.set(one, await check(reader, one));
    if (await get(reader, one)) read.add(one);
  });
  const kept = survival(part, COPIES);
  for (const [k, n] of SHARES) {
    const ofThese = published.filter((one) => one.k === k && one.n === n);
    const readable = ofThese.filter((one) => read.has(one)).length;
    const shares = ofThese.reduce((sum, one) => sum + found.get(one)!, 0);
    report.add({
      name: `${k} of ${n}: publications read, of ${ofThese.length}`,
      value: readable / ofThese.length,
      unit: '',
      beside: { name: 'binomial', value: atLeast(k, n, kept) },
    });
    report.add({
      name: `${k} of ${n}: shares that answered, of ${ofThese.length * n}`,
      value: shares / (ofThese.length * n),
      unit: '',
      beside: { name: '1 - f^4', value: kept },
    });
  }
  report.add({ name: 'until all were asked', value: (performance.now() - startedMs) / 1_000, unit: 's' });
  const fileMs = performance.now();
  const isRead = await get(reader, file);
  const chance = segmentsOf(FILE_BYTES, 7).reduce(
    (product, { data, check: checks }) => product * atLeast(data, data + checks, kept),
    atLeast(3, 10, kept),
  );
  report.add({
    name: 'the file of 10 MiB read',
    value: isRead ? 1 : 0,
    unit: '',
    beside: { name: 'binomial', value: chance },
  });
  report.add({ name: 'the file, in', value: (performance.now() - fileMs) / 1_000, unit: 's' });
  isSound &&= read.size > 0;
} finally {
  await practice.stop();
}
report.print();
process.exitCode = isSound ? 0 : 1;

async function publish(daemon: Daemon, name: string, k: number, n: number, bytes: Buffer): Promise<Published> {
  const path = join(practice.directory, name);
  writeFileSync(path, bytes);
  const source = { kind: 'path', path } as const;
  const { job } = await daemon.client.call('publish.start', { source, k, n, class: 'fixed' });
  const ended = await jobEnd(daemon.client, job, 'publish');
  if (ended.state !== 'done' || ended.link === undefined) throw new Error(`publishing failed: ${ended.error?.message}`);
  return { k, n, link: ended.link, bytes };
}

/** Shares that answer. */
async function check(daemon: Daemon, { link }: Published): Promise<number> {
  const { job } = await daemon.client.call('check.start', { link });
  return (await jobEnd(daemon.client, job, 'check')).shares.filter(({ state }) => state === 'found').length;
}

/** Whether it could be read; other bytes than were published are worse than none. */
async function get(daemon: Daemon, { link, bytes }: Published): Promise<boolean> {
  const path = join(practice.directory, `${link.slice(-12)}.got`);
  const { job } = await daemon.client.call('get.start', { link, directory: practice.directory, path });
  const ended = await jobEnd(daemon.client, job, 'get');
  if (ended.state !== 'done') {
    say(`not read: ${ended.error?.message}`);
    return false;
  }
  const isSame = readFileSync(path).equals(bytes);
  rmSync(path);
  if (!isSame) {
    say(`OTHER BYTES than were published: ${link}`);
    isSound = false;
  }
  return isSame;
}
