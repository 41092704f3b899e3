/**
 * Shared folders: hashing, and an unchanged tree of 100,000 files looked at again. Run: npm run bench -- shares [--files 100000] [--mib 1024] [--json]
 * Rates are by the time of the processor, so that a machine that others use too says the same; times are by the clock.
 */
import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MIB } from '../../shared/base/units.ts';
import { FileTreeBuilder } from '../../src-main/core/transfer/tree.ts';
import { systemClock } from '../../src-main/services/jobs/clock.ts';
import { Shares } from '../../src-main/services/shares/shares.ts';
import { watchFolder } from '../../src-main/services/shares/watching.ts';
import { createSharesStore } from '../../src-main/storage/sqlite/shares-store.ts';
import { HashingPool } from '../../src-main/workers/hashing/pool.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { Report } from './lib/report.ts';

const FILES_OF_FOLDER = 250;

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '100000' },
    mib: { type: 'string', default: '1024' },
    json: { type: 'boolean' },
  },
});
const [files, largeBytes] = [Number(values.files), Number(values.mib) * MIB];
if (!Number.isInteger(files / FILES_OF_FOLDER) || files < 1 || !Number.isInteger(largeBytes / MIB) || largeBytes < 1) {
  process.stderr.write(`--files takes a multiple of ${FILES_OF_FOLDER}, --mib a whole number.\n`);
  process.exit(2);
}

const report = new Report('shares');
const crypto = createSodiumCrypto();
const random = createSystemRandom();
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const directory = await mkdtemp(join(tmpdir(), 'broadside-bench-'));

/** MiB for each second of the processor. */
async function rateOf(bytes: number, action: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage();
  await action();
  const { user, system } = process.cpuUsage(before);
  return bytes / MIB / ((user + system) / 1e6);
}

async function secondsOf(action: () => Promise<unknown>): Promise<{ seconds: number; coreSeconds: number }> {
  const [startedMs, before] = [performance.now(), process.cpuUsage()];
  await action();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - startedMs) / 1_000, coreSeconds: (user + system) / 1e6 };
}

/** By the clock, and how much of it the processor was at it. */
async function addTime(name: string, target: number, action: () => Promise<unknown>): Promise<void> {
  const { seconds, coreSeconds } = await secondsOf(action);
  report.add({
    ...{ name, value: seconds, unit: 's', beside: { name: 'target', value: target }, target: `<= ${target} s` },
  });
  report.add({ name: `  time of the processor`, value: coreSeconds, unit: 's of a core' });
}

async function hashInMemory(sizeBytes: number): Promise<number> {
  const piece = new Uint8Array(MIB).map((_, index) => index);
  return rateOf(Math.max(256 * MIB, sizeBytes), () => {
    for (let done = 0; done < 256 * MIB; done += sizeBytes) {
      const builder = new FileTreeBuilder(crypto, sizeBytes);
      for (let offset = 0; offset < sizeBytes; offset += MIB)
        builder.add(piece.subarray(0, Math.min(MIB, sizeBytes - offset)));
      builder.finish();
    }
  });
}

function openShares(): { ready: Promise<Shares>; idle: () => Promise<void>; close: () => Promise<void> } {
  const store = createSharesStore({ path: join(directory, 'shares.db'), key: new Uint8Array(32), crypto, random });
  const pool = new HashingPool({ threads: 1 });
  let isIdle = false;
  let done = (): void => {};
  const ready = Shares.load({
    ...{ clock: systemClock, random, store, reader: pool, lanes: 1, watch: watchFolder },
    dataDirectory: join(directory, 'data'),
    bytesPerSecond: () => 0,
    tell: () => {},
    changed: (folders) => {
      isIdle = folders.every(({ state }) => state === 'shared');
      if (isIdle) done();
    },
    onDefect: (thrown) => {
      throw thrown;
    },
  });
  return {
    ready,
    idle: () => new Promise((resolve) => (isIdle ? resolve() : (done = resolve))),
    close: async () => {
      await (await ready).close();
      await pool.close();
      await store.close();
    },
  };
}

try {
  const plain = new Uint8Array(4 * MIB);
  const hashRate = await rateOf(256 * MIB, () => {
    for (let count = 0; count < 64; count += 1) crypto.hash('bench', plain);
  });
  const beside = { name: 'BLAKE2b alone', value: hashRate };
  for (const [name, sizeBytes] of [
    ['chunks of 64 KiB', 64 * MIB],
    ['chunks of 512 KiB', 512 * MIB],
  ] as const)
    report.add({ name: `tree in memory, ${name}`, value: await hashInMemory(sizeBytes), unit: 'MiB/s a core', beside });

  const large = await open(join(directory, 'large.bin'), 'w');
  for (let offset = 0; offset < largeBytes; offset += plain.length) await large.write(plain);
  await large.close();
  const pool = new HashingPool({ threads: 1 });
  const request = { root: directory, paths: ['large.bin'] };
  const fileRate = await rateOf(largeBytes, () => pool.hash(request, () => {}));
  await pool.close();
  await rm(join(directory, 'large.bin'));
  report.add({
    name: `a file of ${values.mib} MiB, read and hashed`,
    value: fileRate,
    unit: 'MiB/s a core',
    beside,
    target: '>= 400 MiB/s a core',
  });

  const music = join(directory, 'music');
  for (let folder = 0; folder < files / FILES_OF_FOLDER; folder += 1) {
    await mkdir(join(music, `album ${folder}`), { recursive: true });
    const names = Array.from({ length: FILES_OF_FOLDER }, (_, file) => `album ${folder}/track ${file}.ogg`);
    await Promise.all(names.map((name) => writeFile(join(music, name), name)));
  }
  collect();
  const heapBytes = process.memoryUsage().heapUsed;
  const first = openShares();
  const shares = await first.ready;
  const adding = await secondsOf(async () => {
    await shares.add(music, false, false);
    await first.idle();
  });
  report.add({ name: `${files} small files added`, value: files / adding.seconds, unit: 'files/s' });
  report.add({ name: '  by the time of the processor', value: files / adding.coreSeconds, unit: 'files/s a core' });
  collect();
  report.add({
    name: 'memory that they take',
    value: (process.memoryUsage().heapUsed - heapBytes) / files,
    unit: 'bytes a file',
  });
  await addTime('looked at again, nothing changed', 5, async () => shares.handlers['shares.look']({}));
  await first.close();
  report.add({
    name: 'their list on disk',
    value: statSync(join(directory, 'shares.db')).size / files,
    unit: 'bytes a file',
  });
  const second = openShares();
  await addTime('known and looked at after a restart', 5, async () => {
    await second.ready;
    await second.idle();
  });
  const again = await second.ready;
  await addTime('unshared, and its room on the disk free', 10, () => again.remove(again.list()[0]!.id));
  const leftBytes = ['', '-wal'].reduce((sum, suffix) => {
    const path = join(directory, `shares.db${suffix}`);
    return sum + (existsSync(path) ? statSync(path).size : 0);
  }, 0);
  if (leftBytes > MIB) throw new Error(`${leftBytes} bytes are left of what was removed`);
  await second.close();
  report.print();
} finally {
  await rm(directory, { recursive: true, force: true });
}
