/**
 * How long until the disk is free again after something was deleted: blocks kept for others when their quota shrinks, a publication that
 * is kept alive no more, what was opened, a download that is given up. A daemon of a practice network, its data directory measured as
 * `du` does. (npm run bench -- shares: an unshared folder; npm run bench -- hub: leaves that left.)
 * Run: npm run bench -- deleting [--mib 32] [--nodes 6] [--json]
 */
import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { MIB } from '../../shared/base/units.ts';
import { untilLinks } from '../soak/lib/linked.ts';
import { jobEnd, jobWhen, startPractice } from '../support/practice.ts';
import { shareFolder } from '../support/sharing.ts';
import { publish } from './lib/passages.ts';
import { Report } from './lib/report.ts';

const TARGET_SECONDS = 10;
/** Given up then: it does not come back. */
const LONGEST_SECONDS = 60;
const LOOK_EVERY_MS = 100;
/** Of what was taken, that may stay: pages of a database that are in part of others' use. */
const LEFT_PART = 0.1;
/** The like of small things: what a database noted, and the log that it keeps for the next notes. */
const LEFT_BYTES = MIB;
const LEAST_LINKS = 4;
/** The least that the setting takes. */
const LEAST_QUOTA_BYTES = 10_000_000;
const SLOW_BYTES_PER_SECOND = 4 * MIB;
/** Of `blocks`, whatever those of the file system are. */
const UNIT_BYTES = 512;

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '32' },
    nodes: { type: 'string', default: '6' },
    json: { type: 'boolean' },
  },
});
const [mebibytes, nodes] = [Number(values.mib), Number(values.nodes)];
if (!Number.isInteger(mebibytes) || mebibytes < 8 || !Number.isInteger(nodes) || nodes < 5) {
  process.stderr.write('--mib takes a whole number from 8, --nodes one from 5.\n');
  process.exit(2);
}

const report = new Report('deleting');
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const practice = await startPractice(nodes);
try {
  const [own, other] = [await practice.startDaemon('own'), await practice.startDaemon('other')];
  await Promise.all([own, other].map(({ client }) => untilLinks(client, LEAST_LINKS)));
  const { client } = own;
  const path = join(practice.directory, 'published.bin');
  await writeFile(path, randomBytes(mebibytes * MIB));

  let link = '';
  await freed('blocks for others, the quota shrinks', own.directory, {
    fill: async () => ({ link } = await publish(other, path)),
    // As much as the least quota stays.
    leftBytes: LEAST_QUOTA_BYTES,
    remove: () => client.call('config.set', { name: 'quota-bytes', value: LEAST_QUOTA_BYTES }),
  });
  await freed('a publication kept alive', own.directory, {
    fill: async () => {
      const kept = await jobEnd(client, (await client.call('keep.start', { link })).job, 'keep');
      if (kept.state !== 'done') throw new Error(`keeping failed: ${kept.error?.message}`);
      say(`  holds ${kept.blocksHeld} blocks of ${kept.blocksTotal}`);
    },
    remove: () => client.call('keep.stop', { link }),
  });
  await freed('what was opened', own.directory, {
    fill: async () => {
      const opened = await jobEnd(client, (await client.call('open.start', { link })).job, 'open');
      await readAll(new URL(encodeURIComponent(opened.publication!.files[0]!.path), opened.contentUrl));
    },
    remove: () => client.call('library.forgetOpened', null),
  });

  const [folder, target] = [join(practice.directory, 'shared'), join(practice.directory, 'loaded')];
  await Promise.all([folder, target].map((each) => mkdir(each)));
  await writeFile(join(folder, 'film.mkv'), randomBytes(mebibytes * MIB));
  const shared = (await shareFolder(other.client, folder)).get('film.mkv')!;
  await client.call('config.set', { name: 'down-bytes-per-second', value: SLOW_BYTES_PER_SECOND });
  let job = '';
  await freed('a download that is given up', target, {
    fill: async () => {
      const half = jobWhen(client, 'download', (seen) => seen.bytesDone >= (mebibytes * MIB) / 2);
      const sources = [other.ready.publicKey];
      ({ job } = await client.call('download.start', { link: shared, directory: target, sources }));
      await half;
    },
    remove: () => client.call('download.discard', { job }),
  });
} finally {
  await practice.stop();
}
report.print();

async function freed(
  what: string,
  directory: string,
  {
    fill,
    leftBytes = 0,
    remove,
  }: {
    readonly fill: () => Promise<unknown>;
    readonly leftBytes?: number;
    readonly remove: () => Promise<unknown>;
  },
): Promise<void> {
  say(`${what}: taking`);
  const before = diskOf(directory);
  await fill();
  const filled = diskOf(directory);
  const taken = filled - before;
  report.add({ name: `${what}: it took`, value: taken / MIB, unit: 'MiB' });
  say(`${what}: removing`);
  const startedMs = performance.now();
  const seconds = (): number => (performance.now() - startedMs) / 1_000;
  await remove();
  const wanted = before + leftBytes + Math.max(LEFT_PART * taken, LEFT_BYTES);
  while (diskOf(directory) > wanted && seconds() < LONGEST_SECONDS) await pause(LOOK_EVERY_MS);
  const left = diskOf(directory) - before;
  report.add({
    name: `${what}: disk free again after`,
    value: seconds(),
    unit: 's',
    beside: { name: 'target', value: TARGET_SECONDS },
    target: `<= ${TARGET_SECONDS} s`,
  });
  report.add({ name: `${what}: what is left of it`, value: left / MIB, unit: 'MiB' });
}

/** Bytes that files below a directory have on the disk, as `du` counts them; what goes while it is looked at counts as gone. */
function diskOf(path: string): number {
  try {
    const stats = lstatSync(path);
    if (!stats.isDirectory()) return stats.blocks * UNIT_BYTES;
    return readdirSync(path).reduce((sum, name) => sum + diskOf(join(path, name)), 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw thrown;
  }
}

/** As a browser asks: the label is a host name that resolves to loopback. */
function readAll(url: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const { pathname: path, port } = url;
    const asked = request({ host: '127.0.0.1', port, path, headers: { host: url.host } }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`content answered ${answer.statusCode}`));
      answer.once('end', resolve).once('error', reject).resume();
    });
    asked.once('error', reject);
    asked.end();
  });
}
