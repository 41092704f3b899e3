/**
 * A large file on a practice network of real processes: whoever publishes is killed half-way and goes on, whoever reads is
 * killed half-way and goes on, and while it is read again three nodes in ten die for good.
 * Run: npm run soak -- large [--mib 1024] [--nodes 20] [--json]
 *
 * Ends with 1 when the bytes differ, or more was sent or fetched again than what was on its way.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import type { GetJob, PublishJob } from '../../shared/ipc/model.ts';
import { MIB } from '../../shared/base/units.ts';
import { Report } from '../bench/lib/report.ts';
import { jobEnd, jobWhen, startPractice } from '../support/practice.ts';
import { idleBytesOf, ResidentMemory } from './lib/resident-memory.ts';

const MEMORY_TARGET_MIB = 200;
const DYING_PART = 0.3;
/** Blocks on their way, and those whose note waits for company (services/publish/journal.ts). */
const MAX_SENT_AGAIN = 64 + 32;
/** Segments of 4 MiB whose note waits for the disk. */
const MAX_FETCHED_AGAIN_BYTES = 32 * MIB;

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '1024' },
    nodes: { type: 'string', default: '20' },
    json: { type: 'boolean' },
  },
});
const [mebibytes, nodes] = [Number(values.mib), Number(values.nodes)];
if (!Number.isInteger(mebibytes) || mebibytes < 32 || !Number.isInteger(nodes) || nodes < 10) {
  process.stderr.write('--mib takes a whole number from 32, --nodes one from 10.\n');
  process.exit(2);
}

const report = new Report('soak large');
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const practice = await startPractice(nodes);
const failures: string[] = [];
try {
  const path = join(practice.directory, 'soak.bin');
  const target = join(practice.directory, 'copy.bin');
  function* parts(): Iterable<Buffer> {
    for (let index = 0; index < mebibytes; index += 1) yield randomBytes(MIB);
  }
  await pipeline(Readable.from(parts()), createWriteStream(path));

  const first = await practice.startDaemon('publisher');
  const halfSent = jobWhen(
    first.client,
    'publish',
    (job) => job.blocksTotal > 0 && job.blocksSent >= job.blocksTotal / 2,
  );
  await first.client.call('publish.start', { source: { kind: 'path', path }, k: 3, n: 10, class: 'fixed' });
  const { blocksSent } = await halfSent;
  await first.kill();
  say(`killed the publisher when ${blocksSent} blocks had arrived`);

  const second = await practice.startDaemon('publisher');
  const memory = new ResidentMemory(second.pid, idleBytesOf(second.pid));
  const listed = (await second.client.call('jobs.list', null)).find(
    (job): job is PublishJob => job.kind === 'publish' && job.state === 'interrupted',
  );
  if (listed === undefined) throw new Error('the publication is not listed as interrupted');
  if (listed.blocksSent < blocksSent - MAX_SENT_AGAIN)
    failures.push(`${blocksSent - listed.blocksSent} blocks sent again`);
  const { job } = await second.client.call('jobs.resume', { job: listed.id });
  const published = await jobEnd(second.client, job, 'publish');
  if (published.link === undefined) throw new Error(`publishing failed: ${published.error?.message}`);
  const { link } = published;
  report.add({ name: 'blocks sent again', value: blocksSent - (published.blocksResumed ?? 0), unit: 'blocks' });
  report.add({ name: 'blocks in all', value: published.blocksTotal, unit: 'blocks' });
  addMemory('the publisher', memory);

  const reader = await practice.startDaemon('reader');
  const halfRead = jobWhen(reader.client, 'get', (seen: GetJob) => seen.bytesDone >= (mebibytes * MIB) / 2);
  await reader.client.call('get.start', { link, directory: practice.directory, path: target });
  const { bytesDone } = await halfRead;
  await reader.kill();
  say(`killed the reader when ${bytesDone} bytes had come`);

  const again = await practice.startDaemon('reader');
  const reading = new ResidentMemory(again.pid, idleBytesOf(again.pid));
  const dying = practice.nodes.slice(0, Math.floor(nodes * DYING_PART));
  const startedMs = performance.now();
  const quarter = jobWhen(again.client, 'get', (seen: GetJob) => seen.bytesDone >= mebibytes * MIB * 0.6).then(() => {
    for (const { pid } of dying) process.kill(pid, 'SIGKILL');
    say(`${dying.length} of ${nodes} nodes died`);
  });
  const { job: get } = await again.client.call('get.start', { link, directory: practice.directory, path: target });
  const got = await jobEnd(again.client, get, 'get');
  if (got.state !== 'done') throw new Error(`getting failed: ${got.error?.message}`);
  await quarter;
  const kept = got.bytesKept ?? 0;
  if (kept < bytesDone - MAX_FETCHED_AGAIN_BYTES) failures.push(`${bytesDone - kept} bytes fetched again`);
  const rate = (got.bytesDone - kept) / MIB / ((performance.now() - startedMs) / 1_000);
  report.add({ name: 'fetched again', value: (bytesDone - kept) / MIB, unit: 'MiB' });
  report.add({ name: `get of the rest, ${dying.length} of ${nodes} nodes dying`, value: rate, unit: 'MiB/s' });
  addMemory('the reader', reading);

  const [given, came] = await Promise.all([hashOf(path), hashOf(target)]);
  if (given === came) say(`The bytes are the same: SHA-256 ${given}.`);
  else failures.push(`the bytes differ: ${given} went in, ${came} came out`);
} finally {
  await practice.stop();
}
report.print();
for (const failure of failures) say(failure);
process.exitCode = failures.length === 0 ? 0 : 1;

function addMemory(who: string, memory: ResidentMemory): void {
  const { peakAboveIdle } = memory.stop();
  const beside = { name: 'target', value: MEMORY_TARGET_MIB };
  const target = `<= ${MEMORY_TARGET_MIB} MiB`;
  report.add({ name: `memory of ${who}: most above idle`, value: peakAboveIdle, unit: 'MiB', beside, target });
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
