/**
 * One large file published and got back over a practice network of twelve real processes on this machine: the bytes that
 * came back, the rates, and the memory of both ends and of the nodes between.
 * Run: npm run soak -- spine [--mib 1024] [--json]
 *
 * Ends with 1 when the bytes differ. The nodes hold three copies and more of the file for as long as it runs.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { MIB } from '../../shared/base/units.ts';
import { Report, rounded } from '../bench/lib/report.ts';
import { jobEnd, startPractice } from '../support/practice.ts';
import type { Daemon } from '../support/practice.ts';
import { untilLinks } from './lib/linked.ts';
import { idleBytesOf, ResidentMemory } from './lib/resident-memory.ts';
import type { MemoryFigures } from './lib/resident-memory.ts';

const MEMORY_TARGET_MIB = 200;
const NODES = 12;
/** Of the two daemons, so that they do not publish into a network that is still forming. */
const LEAST_LINKS = 8;
const SAY_EVERY_MS = 10_000;

const { values } = parseArgs({ options: { mib: { type: 'string', default: '1024' }, json: { type: 'boolean' } } });
const mebibytes = Number(values.mib);
if (!Number.isInteger(mebibytes) || mebibytes < 1) {
  process.stderr.write('--mib takes a whole number of mebibytes, 1 or more.\n');
  process.exit(2);
}

const report = new Report('soak spine');
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const practice = await startPractice(NODES);
let isWhole = false;
try {
  const publisher = await practice.startDaemon('publisher');
  const reader = await practice.startDaemon('reader');
  await Promise.all([publisher, reader].map(({ client }) => untilLinks(client, LEAST_LINKS)));
  const path = join(practice.directory, 'soak.bin');
  await writeRandom(path, mebibytes);

  // Both before anything was published: the reader is a node too, and keeps blocks while the other publishes.
  const [publisherIdle, readerIdle] = [publisher, reader].map(({ pid }) => idleBytesOf(pid)) as [number, number];
  const nodes = practice.nodes.map(({ pid }) => new ResidentMemory(pid, idleBytesOf(pid)));
  const published = await measured('publishing', publisher, publisherIdle, () => publish(publisher, path));
  const got = await measured('getting', reader, readerIdle, () => get(reader, published.value, `${path}.got`));
  const ofNodes = nodes.map((memory) => memory.stop());

  const [given, came] = await Promise.all([hashOf(path), hashOf(`${path}.got`)]);
  isWhole = given === came;
  say(isWhole ? `The bytes are the same: SHA-256 ${given}.` : `The bytes differ: ${given} went in, ${came} came out.`);

  const size = `${mebibytes} MiB`;
  report.add({ name: `publish ${size}: until it is fetched back`, value: rate(published.ms), unit: 'MiB/s' });
  report.add({ name: `get ${size}`, value: rate(got.ms), unit: 'MiB/s' });
  addMemory('publisher', published.memory);
  addMemory('reader', got.memory);
  const worst = (choose: (figures: MemoryFigures) => number): number => Math.max(...ofNodes.map(choose));
  addMemory('node between, the worst figure of any', {
    idle: worst(({ idle }) => idle),
    peakAboveIdle: worst(({ peakAboveIdle }) => peakAboveIdle),
    growth: worst(({ growth }) => growth),
  });
} finally {
  await practice.stop();
}
report.print();
process.exitCode = isWhole ? 0 : 1;

function rate(ms: number): number {
  return mebibytes / (ms / 1_000);
}

function addMemory(who: string, { idle, peakAboveIdle, growth }: MemoryFigures): void {
  report.add({ name: `memory of the ${who}: idle`, value: idle, unit: 'MiB' });
  report.add({
    name: `memory of the ${who}: most above idle`,
    value: peakAboveIdle,
    unit: 'MiB',
    beside: { name: 'target', value: MEMORY_TARGET_MIB },
    target: `<= ${MEMORY_TARGET_MIB} MiB`,
  });
  report.add({ name: `memory of the ${who}: growth in the second half`, value: growth, unit: 'MiB', target: 'flat' });
}

interface Measured<Value> {
  readonly value: Value;
  readonly ms: number;
  readonly memory: MemoryFigures;
}

/** Does `action` while it samples the memory of the daemon that works, and says now and then how that stands. */
async function measured<Value>(
  what: string,
  daemon: Daemon,
  idleBytes: number,
  action: () => Promise<Value>,
): Promise<Measured<Value>> {
  const memory = new ResidentMemory(daemon.pid, idleBytes);
  const startedMs = performance.now();
  const timer = setInterval(() => {
    say(`${what}: ${((performance.now() - startedMs) / 1_000).toFixed(0)} s, ${rounded(memory.latest)} MiB in memory`);
  }, SAY_EVERY_MS);
  try {
    const value = await action();
    return { value, ms: performance.now() - startedMs, memory: memory.stop() };
  } finally {
    clearInterval(timer);
    memory.stop();
  }
}

/** The link. */
async function publish(daemon: Daemon, path: string): Promise<string> {
  const source = { kind: 'path', path } as const;
  const { job } = await daemon.client.call('publish.start', { source, k: 3, n: 10, class: 'fixed' });
  const ended = await jobEnd(daemon.client, job, 'publish');
  if (ended.state !== 'done' || ended.link === undefined) throw new Error(`publishing failed: ${ended.error?.message}`);
  return ended.link;
}

async function get(daemon: Daemon, link: string, path: string): Promise<void> {
  const { job } = await daemon.client.call('get.start', { link, directory: practice.directory, path });
  const ended = await jobEnd(daemon.client, job, 'get');
  if (ended.state !== 'done') throw new Error(`getting failed: ${ended.error?.message}`);
}

async function writeRandom(path: string, count: number): Promise<void> {
  function* parts(): Iterable<Buffer> {
    for (let index = 0; index < count; index += 1) yield randomBytes(MIB);
  }
  await pipeline(Readable.from(parts()), createWriteStream(path));
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
