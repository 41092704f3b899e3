/**
 * Publications against what the machine allows: a small document, 64 MiB both ways, memory for 256 MiB, slow nodes, and what
 * relaying costs. A network of twelve daemons, a publisher and a reader, all on this machine. Linux only: it reads /proc.
 * Run: npm run bench -- publications [--mib 64] [--memory-mib 256] [--json]
 *
 * Beside the rates stand raw streams among as many processes, as many as there are links, which carry the bytes that all links together
 * carried for it (requests, answers, stem and copies included), measured right after it. Processor time of all processes is told as
 * well: on a machine that others use too, it is what can be compared.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MIB } from '../../shared/base/units.ts';
import { startProcessNetwork } from '../support/process-network.ts';
import type { ProcessNetwork, ProcessNode } from '../support/process-network.ts';
import { idleBytesOf, ResidentMemory } from '../soak/lib/resident-memory.ts';
import { benchHedging } from './hedging.ts';
import { get, openToFirstByte, publish } from './lib/passages.ts';
import { secondsOfAll } from './lib/processor-time.ts';
import { measureRawMesh } from './lib/raw-mesh.ts';
import { measureRelay } from './lib/relay.ts';
import { median, Report } from './lib/report.ts';

const NODES = 12;
const LEAST_LINKS = 8;
const SMALL = { name: '10 KB', bytes: 10_000, runs: 7 };
/** Warms up what is compiled as it runs; the small documents and this are published before the large one. */
const WARM_UP_BYTES = 4 * MIB;
/** A quarter of what passed is enough for the rate of the raw streams. */
const BASELINE_PART = 0.25;

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '64' },
    'memory-mib': { type: 'string', default: '256' },
    json: { type: 'boolean' },
  },
});
const [large, long] = [sized(values.mib), sized(values['memory-mib'])];
const report = new Report('publications');
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const network = await startProcessNetwork(NODES, LEAST_LINKS);
try {
  const [publisher, reader] = [network.add('publisher'), network.add('reader')];
  for (const node of [publisher, reader]) {
    await node.start(network.joining);
    await node.untilLinks(LEAST_LINKS);
  }
  // Before anything was published: the reader is a node too, and keeps blocks while the other publishes.
  const idle = { publisher: idleBytesOf(publisher.pid), reader: idleBytesOf(reader.pid) };
  await small(publisher, reader);
  await rates(publisher, reader);
  await memory(publisher, reader, idle);
} finally {
  await network.stop();
}
await relay();
await benchHedging(report);
report.print();

function sized(text: string): { readonly name: string; readonly bytes: number } {
  const mebibytes = Number(text);
  if (Number.isInteger(mebibytes) && mebibytes >= 1) return { name: `${mebibytes} MiB`, bytes: mebibytes * MIB };
  process.stderr.write('--mib and --memory-mib take a whole number of mebibytes, 1 or more.\n');
  process.exit(2);
}

async function small(publisher: ProcessNode, reader: ProcessNode): Promise<void> {
  const [publishMs, openMs]: number[][] = [[], []];
  for (let run = 0; run < SMALL.runs; run += 1) {
    say(`${SMALL.name}, ${run + 1} of ${SMALL.runs}`);
    const path = await randomFile('small.bin', SMALL.bytes);
    const { link, linkMs } = await publish(publisher, path);
    publishMs!.push(linkMs);
    openMs!.push(await openToFirstByte(reader, link));
    rmSync(path);
  }
  for (const [name, times, limitMs] of [
    [`publish ${SMALL.name}: to link in hand`, publishMs!, 300],
    [`open ${SMALL.name}: link to first byte`, openMs!, 50],
  ] as const) {
    const beside = { name: 'target', value: limitMs };
    report.add({ name, value: median([...times]), unit: 'ms', beside, target: `<= ${limitMs} ms` });
  }
}

async function rates(publisher: ProcessNode, reader: ProcessNode): Promise<void> {
  const warm = await randomFile('warm.bin', WARM_UP_BYTES);
  await get(reader, (await publish(publisher, warm)).link, network.directory, `${warm}.got`);
  say(`${large.name}: publishing`);
  const path = await randomFile('large.bin', large.bytes);
  const published = await measured(`publish ${large.name}`, '>= 6 MiB/s, >= 0.50', () => publish(publisher, path));
  say(`${large.name}: getting`);
  await measured(`get ${large.name}`, '>= 27 MiB/s, >= 0.60', () =>
    get(reader, published.link, network.directory, `${path}.got`),
  );
  for (const each of [warm, path]) for (const end of ['', '.got']) rmSync(each + end);
}

/** Does it, and tells its rate beside the raw streams', how many links its bytes crossed, and its processor time beside theirs. */
async function measured<Value>(name: string, target: string, action: () => Promise<Value>): Promise<Value> {
  const pids = network.added.map(({ pid }) => pid);
  const [beforeBytes, beforeSeconds] = [await carriedBytes(network), secondsOfAll(pids)];
  const startedMs = performance.now();
  const value = await action();
  const seconds = (performance.now() - startedMs) / 1_000;
  const cpuMs = ((secondsOfAll(pids) - beforeSeconds) * 1_000) / (large.bytes / MIB);
  const carried = (await carriedBytes(network)) - beforeBytes;
  say(`${name}: the same bytes over raw streams`);
  const raw = await measureRawMesh(pids.length, await linksAmong(network), BASELINE_PART * carried);
  const links = carried / large.bytes;
  const beside = { name: 'raw streams, as many links', value: raw.bytesPerSecond / links / MIB };
  report.add({ name, value: large.bytes / MIB / seconds, unit: 'MiB/s', beside, target });
  report.add({ name: `${name}: links that each byte crossed`, value: links, unit: 'links' });
  const rawCpu = { name: 'raw streams', value: raw.cpuMsPerMib * links };
  report.add({ name: `${name}: processor time, all processes`, value: cpuMs, unit: 'ms/MiB', beside: rawCpu });
  return value;
}

async function memory(
  publisher: ProcessNode,
  reader: ProcessNode,
  idle: { readonly publisher: number; readonly reader: number },
): Promise<void> {
  const path = await randomFile('memory.bin', long.bytes);
  const add = (who: string, held: ResidentMemory): void => {
    const { peakAboveIdle, growth } = held.stop();
    const beside = { name: 'target', value: 200 };
    report.add({ name: `memory, ${who}`, value: peakAboveIdle, unit: 'MiB', beside, target: '<= 200 MiB, flat' });
    report.add({ name: `memory, ${who}: growth in the second half`, value: growth, unit: 'MiB', target: 'flat' });
  };
  say(`${long.name}: publishing`);
  const publishing = new ResidentMemory(publisher.pid, idle.publisher);
  const { link } = await publish(publisher, path);
  add(`publish ${long.name}: most above idle`, publishing);
  say(`${long.name}: getting`);
  const getting = new ResidentMemory(reader.pid, idle.reader);
  await get(reader, link, network.directory, `${path}.got`);
  add(`get ${long.name}: most above idle`, getting);
  for (const end of ['', '.got']) rmSync(path + end);
}

async function relay(): Promise<void> {
  say('relaying');
  const { stem, keeping } = await measureRelay();
  const beside = { name: 'target', value: 60 };
  const unit = 'MiB/s a core';
  if (stem !== undefined) report.add({ name: 'relay on a stem', value: stem, unit, beside, target: '>= 60' });
  if (keeping !== undefined)
    report.add({ name: 'relay that keeps copies', value: keeping, unit, beside, target: '>= 60' });
}

/** Each has two ends. */
async function linksAmong({ added }: ProcessNetwork): Promise<number> {
  const statuses = await Promise.all(added.map((node) => node.status()));
  return statuses.reduce((sum, { links }) => sum + links, 0) / 2;
}

/** Bytes of messages that came in by all links of all nodes. */
async function carriedBytes({ added }: ProcessNetwork): Promise<number> {
  const statuses = await Promise.all(added.map((node) => node.status()));
  return statuses.reduce((sum, { traffic }) => sum + traffic.inBytes, 0);
}

/** Written piece by piece: this process has nothing to do with the memory that is measured, and need not be large either. */
async function randomFile(name: string, sizeBytes: number): Promise<string> {
  const path = join(network.directory, name);
  const file = await open(path, 'w');
  for (let left = sizeBytes; left > 0; left -= MIB) await file.write(randomBytes(Math.min(left, MIB)));
  await file.close();
  return path;
}
