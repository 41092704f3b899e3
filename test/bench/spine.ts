/**
 * Publishing and opening over a practice network of twelve real processes on this machine.
 * Run: npm run bench -- spine [--json]
 *
 * Beside the rates stands one raw secret stream between two processes, which routes nothing, stores nothing and makes one
 * copy (npm run bench -- publications has the streams that carry the same bytes over as many links); and the cost of one hop
 * by stage, from the same parts that a hop is made of.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MIB } from '../../shared/base/units.ts';
import { encodeRecord, KIND_CONTENT, PAYLOAD_BYTES, verifyRecord } from '../../src-main/core/wire/record.ts';
import { openSqliteBlockStore } from '../../src-main/storage/sqlite/block-store.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { crypto } from '../support/mesh.ts';
import { startPractice } from '../support/practice.ts';
import type { Daemon } from '../support/practice.ts';
import { get, openToFirstByte, publish } from './lib/passages.ts';
import { median, microseconds, Report } from './lib/report.ts';
import { measureRawStream } from './lib/raw-stream.ts';

const report = new Report('spine');
const SIZES = [
  { name: '1 KiB', bytes: 1024, runs: 5 },
  { name: '1 MiB', bytes: MIB, runs: 3 },
  { name: '64 MiB', bytes: 64 * MIB, runs: 1 },
];

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const practice = await startPractice(12);
try {
  const publisher = await practice.startDaemon('publisher');
  const reader = await practice.startDaemon('reader');
  await linked(publisher);
  await linked(reader);
  const rawBytesPerSecond = await measureRawStream(128 * MIB);
  report.add({ name: 'one raw stream, two processes', value: rawBytesPerSecond / MIB, unit: 'MiB/s' });
  for (const size of SIZES) await measure(size, publisher, reader, rawBytesPerSecond);
} finally {
  await practice.stop();
}
await stages();
report.print();

async function linked(daemon: Daemon): Promise<void> {
  const enough = (links: number): boolean => links >= 8;
  if (enough((await daemon.client.call('status.get', null)).links)) return;
  await new Promise<void>((resolve) => {
    const stop = daemon.client.on('status', (status) => {
      if (!enough(status.links)) return;
      stop();
      resolve();
    });
  });
}

async function measure(
  size: (typeof SIZES)[number],
  publisher: Daemon,
  reader: Daemon,
  rawBytesPerSecond: number,
): Promise<void> {
  const [publishMs, getMs, firstByteMs, checkMs]: number[][] = [[], [], [], []];
  for (let run = 0; run < size.runs; run += 1) {
    say(`${size.name}, run ${run + 1} of ${size.runs}`);
    const path = join(practice.directory, `bench-${size.bytes}-${run}.bin`);
    writeFileSync(path, randomBytes(size.bytes));
    const { link, linkMs, endMs } = await publish(publisher, path);
    publishMs!.push(linkMs);
    checkMs!.push(endMs);
    firstByteMs!.push(await openToFirstByte(reader, link));
    getMs!.push(await get(reader, link, practice.directory, `${path}.got`));
    rmSync(`${path}.got`);
    rmSync(path);
  }
  if (size.bytes < MIB) {
    report.add({
      name: `publish ${size.name}: to link in hand`,
      value: median(publishMs!),
      unit: 'ms',
      beside: { name: 'target', value: 300 },
      target: '<= 300 ms',
    });
    report.add({ name: `publish ${size.name}: fetched back too`, value: median(checkMs!), unit: 'ms' });
    report.add({ name: `get ${size.name}`, value: median(getMs!), unit: 'ms' });
  } else {
    const raw = { name: 'raw stream', value: rawBytesPerSecond / MIB };
    const rate = (ms: number): number => size.bytes / MIB / (ms / 1000);
    const large = size.bytes >= 64 * MIB;
    report.add({
      name: `publish ${size.name}`,
      value: rate(median(publishMs!)),
      unit: 'MiB/s',
      beside: raw,
      ...(large && { target: '>= 6 MiB/s' }),
    });
    report.add({
      name: `get ${size.name}`,
      value: rate(median(getMs!)),
      unit: 'MiB/s',
      beside: raw,
      ...(large && { target: '>= 27 MiB/s' }),
    });
  }
  report.add({
    name: `open ${size.name}: link to first byte`,
    value: median(firstByteMs!),
    unit: 'ms',
    ...(size.bytes < MIB && { beside: { name: 'target', value: 50 }, target: '<= 50 ms' }),
  });
}

/** What one hop costs a sink by stage, in the parts that the program is made of. */
async function stages(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-stages-'));
  const store = await openSqliteBlockStore({
    path: join(directory, 'blocks.db'),
    quotaBytes: 1024 * MIB,
    crypto,
    random: createSystemRandom(),
  });
  const entries = Array.from({ length: 1_024 }, () => {
    const payload = new Uint8Array(randomBytes(PAYLOAD_BYTES));
    return {
      address: crypto.hash('content', payload),
      record: encodeRecord({ kind: KIND_CONTENT, payload }),
      kind: 'content',
      place: 'store',
    } as const;
  });
  const first = entries[0]!;
  const hashUs = microseconds(() => verifyRecord(crypto, first.record, first.address));
  const [nonce, key, none] = [new Uint8Array(24), new Uint8Array(32), new Uint8Array(0)];
  const sealed = crypto.seal(first.record, nonce, key, none);
  // The link seals on one end and opens on the other, and so does the store: twice each.
  const cryptoUs =
    2 *
    (microseconds(() => crypto.seal(first.record, nonce, key, none)) +
      microseconds(() => crypto.open(sealed, nonce, key, none)));
  const startedMs = performance.now();
  await Promise.all(entries.map((entry) => store.put(entry)));
  const diskUs = ((performance.now() - startedMs) * 1000) / entries.length;
  const wireUs = (PAYLOAD_BYTES / (await measureRawStream(64 * MIB))) * 1e6;
  await store.close();
  rmSync(directory, { recursive: true });
  const totalUs = hashUs + cryptoUs + diskUs + wireUs;
  for (const [name, value] of Object.entries({ hash: hashUs, crypto: cryptoUs, disk: diskUs, wire: wireUs })) {
    report.add({ name: `one hop of a block: ${name}`, value, unit: 'us', beside: { name: 'the hop', value: totalUs } });
  }
}
