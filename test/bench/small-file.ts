/**
 * A shared file of 10 KB, from the command to the file under its name, flushed: its source known, and found by asking hubs; beside
 * WebTorrent, which is told its peer and does not flush; and over a link with delay, where it is round trips that count.
 * Run: npm run bench -- small-file [--rounds 9] [--delay-ms 50] [--json]
 *
 * Nothing of a file is known to the loader before. Delay needs Linux, root and `ip`; without, it says so.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { jobEnd } from '../support/practice.ts';
import { startProcessNetwork } from '../support/process-network.ts';
import type { ProcessNode } from '../support/process-network.ts';
import { shareFolder } from '../support/sharing.ts';
import { BroadsideEnd } from './lib/broadside-end.ts';
import { DelayedNetwork } from './lib/delayed-network.ts';
import { median, Report } from './lib/report.ts';
import { ensureWebTorrent, WebTorrentEnd } from './lib/webtorrent-end.ts';

const NODES = 6;
const LEAST_LINKS = 3;
const FILE_BYTES = 10_000;
const TARGET_MS = 50;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    'delay-ms': { type: 'string', default: '50' },
    json: { type: 'boolean' },
  },
});
const [rounds, delayMs] = [Number(values.rounds), Number(values['delay-ms'])];
if (!Number.isInteger(rounds) || rounds < 1 || !(delayMs > 0)) {
  process.stderr.write('--rounds takes a whole number from 1, --delay-ms a number above 0.\n');
  process.exit(2);
}
// Namespaces go with the process: see DelayedNetwork.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const report = new Report('small-file');
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const place = await mkdtemp(join(tmpdir(), 'broadside-small-'));
try {
  await onLoopback();
  await overDelay();
} finally {
  await rm(place, { recursive: true, force: true, maxRetries: 5 });
}
report.print();

async function onLoopback(): Promise<void> {
  const network = await startProcessNetwork(NODES, LEAST_LINKS);
  try {
    const [sharer, loader] = network.nodes as [ProcessNode, ProcessNode];
    const folder = await folderOf(2 * rounds, 'loopback');
    const links = [...(await shareFolder(sharer.client, folder, 2 * rounds)).values()];
    const known: number[] = [];
    for (const link of links.slice(0, rounds)) known.push(await load(loader, link, [sharer.publicKey]));
    const torrent = await torrentMs(folder);
    const name = 'a file of 10 KB, source known: command to file, median';
    report.add({ name, value: median(known), unit: 'ms', ...torrent, target: `<= ${TARGET_MS} ms` });
    report.add({ name: 'the first of them, where nothing is compiled yet', value: known[0]!, unit: 'ms' });
    const found: number[] = [];
    for (const link of links.slice(rounds)) found.push(await load(loader, link, []));
    report.add({ name: 'a file of 10 KB, source found: command to file, median', value: median(found), unit: 'ms' });
  } finally {
    await network.stop();
  }
}

async function torrentMs(folder: string): Promise<{ beside?: { readonly name: string; readonly value: number } }> {
  const torrent = await ensureWebTorrent();
  if ('problem' in torrent) {
    say(`WebTorrent is left out: ${torrent.problem}`);
    return {};
  }
  const [seeder, loader] = [new WebTorrentEnd(), new WebTorrentEnd()];
  try {
    const times: number[] = [];
    for (let file = 0; file < rounds; file += 1) {
      const seeded = await seeder.seed(join(folder, nameOf(file)));
      const target = join(place, `torrent-${file}`);
      await mkdir(target);
      const { seconds } = await loader.load(seeded.torrent, [`127.0.0.1:${seeded.port}`], target);
      times.push(seconds * 1_000);
    }
    return { beside: { name: 'WebTorrent', value: median(times) } };
  } finally {
    await Promise.all([seeder.stop(), loader.stop()]);
  }
}

async function overDelay(): Promise<void> {
  const network = await DelayedNetwork.create(1, delayMs, 0);
  if ('problem' in network) {
    say(`The link with delay is left out: ${network.problem}`);
    return;
  }
  const ends: BroadsideEnd[] = [];
  try {
    const { bootstrap, loader: far, sources } = network;
    const sharer = await BroadsideEnd.start(join(place, 'far-sharer'), bootstrap, sources[0]!.namespace);
    ends.push(sharer);
    const loader = await BroadsideEnd.start(join(place, 'far-loader'), bootstrap, far.namespace);
    ends.push(loader);
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const link = await sharer.share(await folderOf(1, `far-${round}`));
      const target = join(place, `far-loaded-${round}`);
      await mkdir(target);
      const { seconds } = await loader.load(link, [sharer.publicKey], target);
      times.push((seconds * 1_000) / (2 * delayMs));
    }
    const target = '<= 3';
    const name = `a file of 10 KB, source known, ${delayMs} ms each way: round trips, median`;
    report.add({ name, value: median(times), unit: 'round trips', target });
    report.add({ name: 'the first of them, link to the source and all', value: times[0]!, unit: 'round trips' });
  } finally {
    await Promise.all(ends.map((end) => end.stop()));
    await network.remove();
  }
}

function nameOf(file: number): string {
  return `note ${file}.txt`;
}

async function folderOf(files: number, name: string): Promise<string> {
  const folder = join(place, `shared-${name}`);
  await mkdir(folder);
  for (let file = 0; file < files; file += 1) await writeFile(join(folder, nameOf(file)), randomBytes(FILE_BYTES));
  return folder;
}

/** Milliseconds from the command to the end of the job. */
async function load({ client }: ProcessNode, link: string, sources: readonly string[]): Promise<number> {
  const directory = await mkdtemp(join(place, 'loaded-'));
  const startedMs = performance.now();
  const { job } = await client.call('download.start', { link, directory, sources: [...sources] });
  const ended = await jobEnd(client, job, 'download');
  if (ended.state !== 'done') throw new Error(`loading failed: ${ended.error?.message}`);
  return performance.now() - startedMs;
}
