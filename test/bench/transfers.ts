/**
 * How fast a shared file comes, with links that may move to TCP and by UDX alone, beside the raw stream of HyperDHT and beside WebTorrent (npm), in one run: on
 * loopback from one source and from three, and over links with delay and loss. The ends are daemons as users run them, and the
 * figure goes from the command to the file under its name, flushed to the disk.
 * Run: npm run bench -- transfers [--mib 256,1024] [--sources 1,3] [--rounds 3] [--directory PATH] [--delayed-mib 16] [--delay-ms 50]
 *      [--loss 0.01] [--only loopback|delayed] [--json]
 *
 * Files are loaded into memory (/dev/shm) where there is such a place, so that what is measured is not the disk; --directory asks for
 * another. WebTorrent does not flush what it writes.
 * Links with delay and loss need Linux, root, and `ip`; without them, and where WebTorrent cannot be fetched, it says so.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MIB } from '../../shared/base/units.ts';
import { startBootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import { BroadsideEnd } from './lib/broadside-end.ts';
import type { Loaded } from './lib/broadside-end.ts';
import { DelayedNetwork } from './lib/delayed-network.ts';
import { measureRawStream } from './lib/raw-stream.ts';
import { median, Report, rounded } from './lib/report.ts';
import { ensureWebTorrent, WebTorrentEnd } from './lib/webtorrent-end.ts';

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '256,1024' },
    sources: { type: 'string', default: '1,3' },
    rounds: { type: 'string', default: '3' },
    directory: { type: 'string', default: existsSync('/dev/shm') ? '/dev/shm' : tmpdir() },
    'delayed-mib': { type: 'string', default: '16' },
    'delay-ms': { type: 'string', default: '50' },
    loss: { type: 'string', default: '0.01' },
    only: { type: 'string' },
    json: { type: 'boolean' },
  },
});
const sizesMib = numbers(values.mib);
const sourceCounts = numbers(values.sources);
const [rounds, delayedMib, delayMs] = [values.rounds, values['delayed-mib'], values['delay-ms']].map(Number);
const loss = Number(values.loss);

// What was made goes with the process: see DelayedNetwork.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const report = new Report('transfers');
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const torrent = await ensureWebTorrent();
say(
  'version' in torrent
    ? `beside WebTorrent ${torrent.version}, over TCP`
    : `WebTorrent is left out: ${torrent.problem}`,
);
const hasTorrent = 'version' in torrent;
const place = await mkdtemp(join(tmpdir(), 'broadside-bench-'));
/** Where files are loaded to. */
const loads = await mkdtemp(join(values.directory, 'broadside-bench-'));
say(`loading to ${loads}; load ${loadavg().map(rounded).join(', ')}`);
try {
  if (values.only !== 'delayed') await measureLoopback();
  if (values.only !== 'loopback') await measureDelayed();
} finally {
  for (const made of [place, loads]) await rm(made, { recursive: true, force: true, maxRetries: 5 });
}
report.print();

async function measureLoopback(): Promise<void> {
  const bootstrapper = await startBootstrapper();
  const most = Math.max(...sourceCounts);
  const sharers: BroadsideEnd[] = [];
  const seeders: WebTorrentEnd[] = [];
  const loader = await BroadsideEnd.start(join(place, 'loader'), bootstrapper.bootstrap[0]!);
  const udxLoader = await BroadsideEnd.start(join(place, 'udx-loader'), bootstrapper.bootstrap[0]!, undefined, false);
  try {
    for (let source = 0; source < most; source += 1) {
      sharers.push(await BroadsideEnd.start(join(place, `source-${source}`), bootstrapper.bootstrap[0]!));
      if (hasTorrent) seeders.push(new WebTorrentEnd());
    }
    for (const sizeMib of sizesMib) {
      const shared = await makeShared(sizeMib);
      const links = await Promise.all(sharers.map((sharer) => sharer.share(shared.folder)));
      const seeding = await Promise.all(seeders.map((seeder) => seeder.seed(shared.path)));
      for (const count of sourceCounts) {
        const [raw, ours, overUdx, theirs, processor, theirProcessor] = [[], [], [], [], [], []] as number[][];
        // In turns, so that what else the machine does falls on all.
        for (let round = 0; round < rounds!; round += 1) {
          if (count === 1) raw!.push((await measureRawStream(sizeMib * MIB)) / MIB);
          const keys = sharers.slice(0, count).map(({ publicKey }) => publicKey);
          const loaded = await intoEmpty(shared.digest, (directory) => loader.load(links[0]!, keys, directory));
          ours!.push(sizeMib / loaded.seconds);
          processor!.push(sizeMib / loaded.processorSeconds);
          const slow = await intoEmpty(shared.digest, (directory) => udxLoader.load(links[0]!, keys, directory));
          overUdx!.push(sizeMib / slow.seconds);
          if (!hasTorrent) continue;
          const peers = seeding.slice(0, count).map(({ port }) => `127.0.0.1:${port}`);
          const other = await loadByWebTorrent(seeding[0]!.torrent, peers, shared);
          theirs!.push(sizeMib / other.seconds);
          theirProcessor!.push(sizeMib / other.processorSeconds);
          const ourRates = `ours ${last(ours!)} by TCP, ${last(overUdx!)} by UDX`;
          say(`${sizeMib} MiB, ${count}: raw ${last(raw!)}, ${ourRates}, WebTorrent ${last(theirs!)} MiB/s`);
        }
        const name = `${sizeMib} MiB from ${count === 1 ? 'one source' : `${count} sources`}`;
        const value = median(ours!);
        if (count === 1) add(`${name}, UDX alone`, median(overUdx!), 'one raw stream', raw!, '>= 0.80');
        add(name, value, 'the same, UDX alone', overUdx!, '');
        add(name, value, 'WebTorrent', theirs!, count === 1 ? '>= 1.5 where TCP reaches' : 'faster');
        add(`${name}: for a core of the loader`, median(processor!), 'WebTorrent', theirProcessor!, '');
      }
      await rm(shared.folder, { recursive: true, force: true });
    }
  } finally {
    await Promise.all([loader, udxLoader, ...sharers, ...seeders].map((end) => end.stop()));
    await bootstrapper.stop();
  }
}

/** Every end on a host of its own, one link between each source and the loader. */
async function measureDelayed(): Promise<void> {
  const network = await DelayedNetwork.create(Math.max(...sourceCounts), delayMs!, loss);
  if ('problem' in network) {
    say(`Links with delay and loss are left out: ${network.problem}`);
    return;
  }
  say(`links of ${delayMs} ms each way, ${loss * 100} % loss each way,`);
  const ends: { stop(): Promise<void> }[] = [];
  try {
    const shared = await makeShared(delayedMib!);
    const loader = await BroadsideEnd.start(join(place, 'far-loader'), network.bootstrap, network.loader.namespace);
    ends.push(loader);
    const sharers: BroadsideEnd[] = [];
    const seeding: { readonly torrent: string; readonly peer: string }[] = [];
    let link = '';
    for (const [index, { namespace, address }] of network.sources.entries()) {
      const sharer = await BroadsideEnd.start(join(place, `far-${index}`), network.bootstrap, namespace);
      ends.push(sharer);
      sharers.push(sharer);
      link = await sharer.share(shared.folder);
      if (!hasTorrent) continue;
      const seeder = new WebTorrentEnd(namespace);
      ends.push(seeder);
      const seeded = await seeder.seed(shared.path);
      seeding.push({ torrent: seeded.torrent, peer: `${address}:${seeded.port}` });
    }
    for (const count of sourceCounts) {
      const [ours, theirs] = [[], []] as number[][];
      for (let round = 0; round < rounds!; round += 1) {
        const keys = sharers.slice(0, count).map(({ publicKey }) => publicKey);
        const loaded = await intoEmpty(shared.digest, (directory) => loader.load(link, keys, directory));
        ours!.push(delayedMib! / loaded.seconds);
        if (!hasTorrent) continue;
        const peers = seeding.slice(0, count).map(({ peer }) => peer);
        const other = await loadByWebTorrent(seeding[0]!.torrent, peers, shared, network.loader.namespace);
        theirs!.push(delayedMib! / other.seconds);
        say(`${delayedMib} MiB far, ${count}: ours ${last(ours!)}, WebTorrent ${last(theirs!)} MiB/s`);
      }
      const name = `${delayedMib} MiB, ${delayMs} ms and ${loss * 100} % loss, ${count === 1 ? 'one source' : `${count} sources`}`;
      add(name, median(ours!), 'WebTorrent', theirs!, '>= 2');
    }
  } finally {
    await Promise.all(ends.map((end) => end.stop()));
    await network.remove();
  }
}

function add(name: string, value: number, besideName: string, beside: readonly number[], target: string): void {
  const other = beside.length === 0 ? {} : { beside: { name: besideName, value: median(beside) } };
  report.add({ name, value, unit: 'MiB/s', ...other, target });
}

interface Shared {
  readonly folder: string;
  readonly path: string;
  readonly digest: string;
}

/** A folder with one file of random bytes. */
async function makeShared(sizeMib: number): Promise<Shared> {
  const folder = join(place, `shared-${sizeMib}-${randomBytes(4).toString('hex')}`);
  await mkdir(folder);
  const path = join(folder, 'film.mkv');
  const file = await open(path, 'w');
  const hash = createHash('sha256');
  for (let part = 0; part < sizeMib; part += 1) {
    const bytes = randomBytes(MIB);
    hash.update(bytes);
    await file.writeFile(bytes);
  }
  await file.close();
  return { folder, path, digest: hash.digest('hex') };
}

/** Loads into a directory that is removed again, once the bytes were seen to be right. */
async function intoEmpty(digest: string, load: (directory: string) => Promise<Loaded>): Promise<Loaded> {
  const directory = await mkdtemp(join(loads, 'loaded-'));
  try {
    const loaded = await load(directory);
    const hash = createHash('sha256');
    for await (const bytes of createReadStream(loaded.path)) hash.update(bytes as Buffer);
    if (hash.digest('hex') !== digest) throw new Error('what was loaded is not what was shared');
    return loaded;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function loadByWebTorrent(
  file: string,
  peers: readonly string[],
  shared: Shared,
  namespace?: string,
): Promise<Loaded> {
  const end = new WebTorrentEnd(namespace);
  try {
    return await intoEmpty(shared.digest, async (directory) => ({
      ...(await end.load(file, peers, directory)),
      path: join(directory, 'film.mkv'),
    }));
  } finally {
    await end.stop();
  }
}

function last(values: readonly number[]): string {
  return rounded(values.at(-1) ?? Number.NaN);
}

function numbers(text: string): number[] {
  const all = text.split(',').map(Number);
  if (all.every((value) => Number.isInteger(value) && value > 0)) return all;
  process.stderr.write('--mib and --sources take whole numbers, with commas between.\n');
  process.exit(2);
}
