/**
 * How late the event loop of a node is while it works: while it publishes, with a passphrase too, gets, passes on what another publishes,
 * hashes what it shares, gives it, loads, searches. One daemon of a practice network is watched (lib/loop-watch.ts).
 * Run: npm run bench -- event-loop [--mib 32] [--nodes 8] [--profile] [--json]
 *
 * A delay is by the clock, so that other work on the machine lengthens it; turns of its own are told without what the thread waited for
 * a processor (Linux), work is what it computed alone. With --profile it is told on standard error what the turns over 10 ms did, which costs a little.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MIB } from '../../shared/base/units.ts';
import type { ContractClient } from '../../shared/ipc/rpc.ts';
import type { SharedFolder } from '../../shared/ipc/search-model.ts';
import { untilLinks } from '../soak/lib/linked.ts';
import { connectDaemon, jobEnd, startPractice } from '../support/practice.ts';
import { measureSearch } from '../support/searching.ts';
import { shareFolder } from '../support/sharing.ts';
import { startChild } from '../support/spawn.ts';
import type { DaemonReady } from '../support/spawn.ts';
import { askLoop, watchedEnvironment } from './lib/loop-watch.ts';
import { get, publish } from './lib/passages.ts';
import { Report } from './lib/report.ts';

const LEAST_LINKS = 4;
const SEARCHES = 20;
/** Files that a search finds; the names of one folder. */
const NAMED_FILES = 2_000;

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '32' },
    nodes: { type: 'string', default: '8' },
    profile: { type: 'boolean', default: false },
    json: { type: 'boolean' },
  },
});
const [mebibytes, nodes] = [Number(values.mib), Number(values.nodes)];
if (!Number.isInteger(mebibytes) || mebibytes < 1 || !Number.isInteger(nodes) || nodes < 5) {
  process.stderr.write('--mib takes a whole number from 1, --nodes one from 5.\n');
  process.exit(2);
}

const report = new Report('event-loop');
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const practice = await startPractice(nodes);
const told = join(practice.directory, 'loop.json');
const watched = await startChild<DaemonReady>(['daemon', '--quiet', ...practice.on('watched')], {
  env: watchedEnvironment(told, values.profile),
});
let client: ContractClient | undefined;
try {
  client = await connectDaemon(new URL(watched.ready.url));
  const own = { client };
  const other = await practice.startDaemon('other');
  await Promise.all([own, other].map((each) => untilLinks(each.client, LEAST_LINKS)));
  const size = `${mebibytes} MiB`;
  const made = async (name: string): Promise<string> => randomFile(join(practice.directory, name), mebibytes * MIB);
  const [first, second] = [await made('first.bin'), await made('second.bin')];
  await deed(`it publishes ${size}`, () => publish(own, first));
  await deed('it publishes 10 KB with a passphrase', async () => publishWithPassphrase(await small()));
  let link = '';
  await deed(`it passes on what another publishes, ${size}`, async () => ({ link } = await publish(other, second)));
  await deed(`it gets ${size}`, () => get(own, link, practice.directory, join(practice.directory, 'got.bin')));
  const folders = [await sharedFolder('own'), await sharedFolder('other')] as const;
  let given = new Map<string, string>();
  const shares = `${4 * mebibytes} MiB and ${NAMED_FILES.toLocaleString('en')} small files`;
  await deed(`it hashes what it shares, ${shares}`, async () => {
    given = await shareFolder(client!, folders[0].films);
    await shareNames(client!, folders[0].names);
  });
  const theirs = await shareFolder(other.client, folders[1].films);
  await shareNames(other.client, folders[1].names);
  const [ownKey, otherKey] = [watched.ready.publicKey, other.ready.publicKey];
  await deed(`it gives ${4 * mebibytes} MiB`, () => load(other.client, given.get('own.film.mkv')!, ownKey, 'given'));
  await deed(`it loads ${4 * mebibytes} MiB`, () => load(client!, theirs.get('other.film.mkv')!, otherKey, 'loaded'));
  await deed(`it searches, ${SEARCHES} times`, async () => {
    for (let search = 0; search < SEARCHES; search += 1) await searchFor(`harbour plate ${search}`);
  });
} finally {
  client?.close();
  await watched.stop();
  await practice.stop();
}
report.print();

async function deed(what: string, action: () => Promise<unknown>): Promise<void> {
  say(what);
  await askLoop(watched.pid, told);
  await action();
  const loop = await askLoop(watched.pid, told);
  const add = (name: string, value: number, unit: string, target?: string): void =>
    report.add({ name: `${what}: ${name}`, value, unit, ...(target !== undefined && { target }) });
  add('delay, median', loop.p50, 'ms');
  add('delay, p99', loop.p99, 'ms', '<= 20 ms');
  add('delay, longest', loop.longest, 'ms');
  add('work between two looks at timers, p99', loop.work99, 'ms', '<= 20 ms');
  add('the same, most', loop.longestWork, 'ms');
  add('longest turn of its own', loop.longestTurn, 'ms');
  add('turns of its own over 20 ms', loop.blockedTurns, 'turns');
  add('the thread computes', 100 * loop.busyShare, '% of the time');
  for (const line of loop.blamed) say(`  ${line}`);
}

async function publishWithPassphrase(path: string): Promise<void> {
  const source = { kind: 'path', path } as const;
  const { job } = await client!.call('publish.start', { source, k: 3, n: 10, class: 'updatable' });
  const ended = await jobEnd(client!, job, 'publish');
  if (ended.state !== 'done') throw new Error(`publishing failed: ${ended.error?.message}`);
}

async function load(by: ContractClient, link: string, source: string, name: string): Promise<void> {
  const directory = join(practice.directory, name);
  await mkdir(directory);
  const { job } = await by.call('download.start', { link, directory, sources: [source] });
  const ended = await jobEnd(by, job, 'download');
  if (ended.state !== 'done') throw new Error(`loading failed: ${ended.error?.message}`);
}

/** Whatever is found of it. */
async function searchFor(words: string): Promise<void> {
  await measureSearch({ client: client! }, { text: words, matching: new Set([0]) });
}

/** Resolves once all of a folder is offered. */
async function shareNames(by: ContractClient, path: string): Promise<void> {
  const offered = Promise.withResolvers<void>();
  const look = (folders: readonly SharedFolder[]): void => {
    if (folders.some((folder) => folder.path === path && folder.offeredFiles === NAMED_FILES)) offered.resolve();
  };
  const stop = by.on('shares', look);
  await by.call('shares.add', { path });
  look(await by.call('shares.list', null));
  await offered.promise;
  stop();
}

function small(): Promise<string> {
  return randomFile(join(practice.directory, 'small.bin'), 10_000);
}

async function sharedFolder(name: string): Promise<{ readonly films: string; readonly names: string }> {
  const [films, names] = [join(practice.directory, `films of ${name}`), join(practice.directory, `names of ${name}`)];
  await mkdir(films);
  await mkdir(names);
  await randomFile(join(films, `${name}.film.mkv`), 4 * mebibytes * MIB);
  for (let file = 0; file < NAMED_FILES; file += 1)
    await writeFile(join(names, `${name} harbour plate ${file}.txt`), `Plate ${file} of ${name}.\n`);
  return { films, names };
}

async function randomFile(path: string, sizeBytes: number): Promise<string> {
  const file = await open(path, 'w');
  for (let left = sizeBytes; left > 0; left -= MIB) await file.write(randomBytes(Math.min(left, MIB)));
  await file.close();
  return path;
}
