/**
 * A large shared file from three daemons to a fourth: one source dies, twice, and comes back; one lies (the bytes of its file were
 * changed behind its back); one is slow. The reader is killed twice too. At the end the bytes must be right, nothing that was
 * noted as held may be fetched again, and memory must be flat.
 * Run: npm run soak -- transfers [--mib 10240] [--slow-mib 8] [--seed 1] [--directory PATH] [--json]
 *
 * The file has 4 KiB of different bytes in each MiB and holes between; what is loaded has no holes. So it takes its
 * size of disk. Ends with 1 when something is not as it must be. Linux only, for /proc.
 */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, futimesSync, openSync, readSync, writeSync } from 'node:fs';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DownloadJob } from '../../shared/ipc/model.ts';
import type { ContractClient } from '../../shared/ipc/rpc.ts';
import { MIB } from '../../shared/base/units.ts';
import { chunkBytesOf } from '../../src-main/core/transfer/tree.ts';
import { startBootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import { Report, rounded } from '../bench/lib/report.ts';
import { connectDaemon, jobEnd, jobWhen } from '../support/practice.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { shareFolder } from '../support/sharing.ts';
import { startDaemon } from '../support/spawn.ts';
import { idleBytesOf, ResidentMemory } from './lib/resident-memory.ts';

/** docs/spec and targets: of either end, above idle. */
const MEMORY_TARGET_MIB = 150;
/** Different bytes of each MiB of the file. */
const DENSE_BYTES = 4_096;
/** Parts of the file after which somebody dies. */
const DEATHS = [
  { at: 0.2, who: 'source' },
  { at: 0.4, who: 'reader' },
  { at: 0.6, who: 'source' },
  { at: 0.8, who: 'reader' },
] as const;
/** Longest that a source that died may count as one that gives (targets.md). */
const NOTICE_TARGET_SECONDS = 8;
/** Whole seconds, so that it can be set back to the very same. */
const MODIFIED_SECONDS = 1_700_000_000;

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '10240' },
    'slow-mib': { type: 'string', default: '8' },
    seed: { type: 'string', default: '1' },
    directory: { type: 'string', default: tmpdir() },
    json: { type: 'boolean' },
  },
});
const [mebibytes, slowMib, seed] = [values.mib, values['slow-mib'], values.seed].map(Number) as [
  number,
  number,
  number,
];
if (![mebibytes, slowMib, seed].every(Number.isInteger) || mebibytes < 256 || slowMib < 1) {
  process.stderr.write('--mib takes a whole number from 256, --slow-mib one from 1, --seed any.\n');
  process.exit(2);
}

interface Running {
  readonly name: string;
  readonly daemon: Awaited<ReturnType<typeof startDaemon>>;
  readonly client: ContractClient;
  /** Idle is when it has hashed what it shares, or, where it has that behind it, when it is ready. */
  memory: ResidentMemory;
}

const sizeBytes = mebibytes * MIB;
const report = new Report('soak transfers');
const failures: string[] = [];
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const place = await mkdtemp(join(values.directory, 'broadside-soak-'));
const bootstrapper = await startBootstrapper();
const running = new Map<string, Running>();
/** Most above idle of each name, over all its lives. */
const peaks = new Map<string, { peakMib: number; growthMib: number }>();
say(`${mebibytes} MiB in ${place}; load ${loadavg().map(rounded).join(', ')}`);
try {
  const shared = join(place, 'shared');
  const lied = join(place, 'lied');
  for (const folder of [shared, lied]) {
    await mkdir(folder);
    await writeFile(join(folder, 'film.mkv'));
  }
  const sources = await Promise.all(['dying', 'slow', 'lying'].map((name) => start(name)));
  const [links] = await Promise.all([
    shareFolder(sources[0]!.client, shared),
    shareFolder(sources[1]!.client, shared),
    shareFolder(sources[2]!.client, lied),
  ]);
  const link = links.get('film.mkv')!;
  for (const source of sources) {
    source.memory.stop();
    source.memory = memoryOf(source.daemon.pid);
  }
  falsify(join(lied, 'film.mkv'));
  await sources[1]!.client.call('config.set', { name: 'up-bytes-per-second', value: slowMib * MIB });
  say('shared, and one of them falsified');

  const directory = join(place, 'loaded');
  await mkdir(directory);
  const startedMs = performance.now();
  let reader = await start('reader');
  const keys = sources.map(({ daemon }) => daemon.ready.publicKey);
  let { job } = await reader.client.call('download.start', { link, directory, sources: keys });
  let [refetchedBytes, receivedBytes, goodBytes, noticedSeconds] = [0, 0, 0, 0];
  let liarIsBanned = false;
  for (const { at, who } of DEATHS) {
    const then = await jobWhen(reader.client, 'download', (seen) => seen.bytesDone >= sizeBytes * at);
    liarIsBanned ||= isBanned(then, keys[2]!);
    if (who === 'source') {
      await die('dying');
      noticedSeconds = Math.max(noticedSeconds, await untilNoticed(reader.client, keys[0]!));
      await start('dying');
      say(`the source died at ${Math.round(at * 100)} %, and is back`);
      continue;
    }
    const before = (await reader.client.call('jobs.get', { job })) as DownloadJob;
    receivedBytes += before.receivedBytes ?? 0;
    goodBytes += before.bytesDone - (before.bytesKept ?? 0);
    await die('reader');
    reader = await start('reader');
    const again = await jobWhen(reader.client, 'download', (seen) => seen.bytesKept !== undefined);
    job = again.id;
    const lost = before.bytesDone - (again.bytesKept ?? 0);
    refetchedBytes += lost;
    goodBytes -= lost;
    say(
      `the reader died at ${Math.round(at * 100)} %: ${rounded(lost / MIB)} MiB were not noted yet, of ${rounded(before.bytesDone / MIB)}`,
    );
  }
  const done = await jobEnd(reader.client, job, 'download');
  if (done.state !== 'done') throw new Error(`loading failed: ${done.error?.message}`);
  const seconds = (performance.now() - startedMs) / 1_000;
  receivedBytes += done.receivedBytes ?? 0;
  goodBytes += done.bytesDone - (done.bytesKept ?? 0);

  if (goodBytes !== sizeBytes) failures.push(`${goodBytes} bytes were stored for a file of ${sizeBytes}: some twice`);
  if (!liarIsBanned) failures.push('the source that lied was not banned');
  if (noticedSeconds > NOTICE_TARGET_SECONDS)
    failures.push(`a dead source counted as one that gives for ${rounded(noticedSeconds)} s`);
  report.add({ name: 'whole, deaths and all', value: mebibytes / seconds, unit: 'MiB/s' });
  report.add({ name: 'stored twice', value: (goodBytes - sizeBytes) / MIB, unit: 'MiB', target: '0' });
  report.add({ name: 'loaded and not yet noted when the reader died', value: refetchedBytes / MIB, unit: 'MiB' });
  report.add({
    name: 'came in, false, late and twice in the end game too',
    value: receivedBytes / MIB,
    unit: 'MiB',
    beside: { name: 'size', value: mebibytes },
  });
  report.add({
    name: 'a dead source noticed after',
    value: noticedSeconds,
    unit: 's',
    target: `<= ${NOTICE_TARGET_SECONDS}`,
  });
  const [given, came] = [await hashOf(join(shared, 'film.mkv')), await hashOf(done.path!)];
  if (given === came) say(`The bytes are the same: SHA-256 ${given}.`);
  else failures.push(`the bytes differ: ${given} was shared, ${came} came`);
  for (const name of running.keys()) await die(name, 'gently');
  for (const [name, { peakMib, growthMib }] of peaks) {
    const target = `<= ${MEMORY_TARGET_MIB} MiB`;
    const beside = { name: 'target', value: MEMORY_TARGET_MIB };
    report.add({ name: `memory of ${name}: most above idle`, value: peakMib, unit: 'MiB', beside, target });
    report.add({ name: `memory of ${name}: growth at the end`, value: growthMib, unit: 'MiB', target: 'flat' });
  }
} finally {
  for (const name of running.keys()) await die(name, 'gently');
  await bootstrapper.stop();
  await rm(place, { recursive: true, force: true, maxRetries: 5 });
}
report.print();
for (const failure of failures) say(failure);
process.exitCode = failures.length === 0 ? 0 : 1;

/** A daemon under a name; the same data directory as before, and so the same key, when it ran before. */
async function start(name: string): Promise<Running> {
  const more = ['--quiet', '--network', 'practice-soak', '--bootstrap', bootstrapper.bootstrap[0]!];
  const daemon = await startDaemon(join(place, name), more);
  const client = await connectDaemon(new URL(daemon.ready.url));
  const made = { name, daemon, client, memory: memoryOf(daemon.pid) };
  running.set(name, made);
  return made;
}

function memoryOf(pid: number): ResidentMemory {
  return new ResidentMemory(pid, idleBytesOf(pid));
}

async function die(name: string, how: 'at once' | 'gently' = 'at once'): Promise<void> {
  const { daemon, client, memory } = running.get(name)!;
  running.delete(name);
  const { peakAboveIdle, growth } = memory.stop();
  peaks.set(name, { peakMib: Math.max(peakAboveIdle, peaks.get(name)?.peakMib ?? 0), growthMib: growth });
  client.close();
  await (how === 'gently' ? daemon.stop() : daemon.kill());
}

/** Seconds until a source does not count as one that gives any more. */
async function untilNoticed(client: ContractClient, key: string): Promise<number> {
  const diedMs = performance.now();
  await jobWhen(client, 'download', ({ sources }) => {
    const source = sources.find(({ publicKey }) => publicKey === key);
    return source?.state !== 'active';
  });
  return (performance.now() - diedMs) / 1_000;
}

function isBanned({ sources }: DownloadJob, key: string): boolean {
  return sources.some(({ publicKey, state }) => publicKey === key && state === 'banned');
}

/** The same bytes for the same seed, and different ones in each MiB. */
async function writeFile(path: string): Promise<void> {
  const random = seededRandom(seed);
  const file = await open(path, 'w');
  await file.truncate(sizeBytes);
  for (let part = 0; part < mebibytes; part += 1)
    await file.write(random.bytes(DENSE_BYTES), 0, DENSE_BYTES, part * MIB);
  await file.utimes(MODIFIED_SECONDS, MODIFIED_SECONDS);
  await file.close();
}

/** Changes a byte of each chunk, and leaves the file looking as it was: its daemon gives it as what it was hashed to. */
function falsify(path: string): void {
  const file = openSync(path, 'r+');
  const byte = new Uint8Array(1);
  for (let position = 0; position < sizeBytes; position += chunkBytesOf(sizeBytes)) {
    readSync(file, byte, 0, 1, position);
    byte[0]! ^= 0xff;
    writeSync(file, byte, 0, 1, position);
  }
  futimesSync(file, MODIFIED_SECONDS, MODIFIED_SECONDS);
  closeSync(file);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path, { highWaterMark: 4 * MIB })) hash.update(bytes as Buffer);
  return hash.digest('hex');
}
