/**
 * The block store beside SQLite itself, in one run: records put and got a second, and how long a get takes while others
 * put. Options: --records N (4000), --open N (0: how long a store of N records takes to open), --json PATH.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { BlockStore, StoreEntry } from '../../src-main/core/ports.ts';
import { createMemoryBlockStore } from '../../src-main/storage/memory/block-store.ts';
import { openSqliteBlockStore } from '../../src-main/storage/sqlite/block-store.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { numberedEntry } from '../integration/store-kill-entries.ts';

export interface StoreResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The same of SQLite itself in this run, where there is such a thing. */
  readonly raw?: number;
}

const PUTS_UNDER_WAY = 256;
const GETS_UNDER_WAY = 64;
const QUOTA_BYTES = 1e12;
const crypto = createSodiumCrypto();
const random = createSystemRandom();

export async function benchStore(records: number, openRecords: number): Promise<StoreResult[]> {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-bench-'));
  const entries = Array.from({ length: records }, (_, number) => numberedEntry(crypto, number));
  try {
    const raw = benchRaw(join(directory, 'raw.db'), entries);
    const path = join(directory, 'blocks.db');
    const store = await openSqliteBlockStore({ path, quotaBytes: QUOTA_BYTES, crypto, random });
    const putsPerSecond = await rate(entries, PUTS_UNDER_WAY, (entry) => store.put(entry));
    const getsPerSecond = await rate(shuffled(entries), GETS_UNDER_WAY, (entry) => store.get(entry.address));
    const whilePutting = await getsWhilePutting(store, entries);
    const { usedBytes } = await store.stats();
    await store.close();
    const memory = createMemoryBlockStore({ quotaBytes: QUOTA_BYTES });
    const results: StoreResult[] = [
      { name: 'puts, 256 under way', value: putsPerSecond, unit: 'records/s', raw: raw.putsPerSecond },
      { name: 'gets, 64 under way', value: getsPerSecond, unit: 'records/s', raw: raw.getsPerSecond },
      { name: 'get while 256 puts are under way, median', value: quantile(whilePutting, 0.5), unit: 'ms' },
      { name: 'get while 256 puts are under way, p99', value: quantile(whilePutting, 0.99), unit: 'ms' },
      { name: 'disk for a record', value: statSync(path).size / (records * 2), unit: 'bytes', raw: raw.bytesPerRecord },
      { name: 'counted for a record', value: usedBytes / (records * 2), unit: 'bytes' },
      { name: 'puts in memory', value: await rate(entries, 1, (entry) => memory.put(entry)), unit: 'records/s' },
    ];
    if (openRecords > 0) results.push(await timeOpen(join(directory, 'large.db'), openRecords));
    return results;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The same records in a table, on this thread, in the pages that suit it best: what the disk and SQLite allow. */
function benchRaw(path: string, entries: readonly StoreEntry[]) {
  const database = new DatabaseSync(path);
  database.exec(
    'PRAGMA page_size = 32768; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 512',
  );
  database.exec('CREATE TABLE blocks (id INTEGER PRIMARY KEY, address BLOB UNIQUE, record BLOB)');
  const insert = database.prepare('INSERT INTO blocks (address, record) VALUES (?, ?)');
  const select = database.prepare('SELECT record FROM blocks WHERE address = ?');
  let before = performance.now();
  for (let index = 0; index < entries.length; index += PUTS_UNDER_WAY) {
    database.exec('BEGIN IMMEDIATE');
    for (const { address, record } of entries.slice(index, index + PUTS_UNDER_WAY)) insert.run(address, record);
    database.exec('COMMIT');
  }
  const putsPerSecond = (entries.length / (performance.now() - before)) * 1_000;
  before = performance.now();
  for (const { address } of shuffled(entries)) select.get(address);
  const getsPerSecond = (entries.length / (performance.now() - before)) * 1_000;
  database.close();
  return { putsPerSecond, getsPerSecond, bytesPerRecord: statSync(path).size / entries.length };
}

async function rate(
  entries: readonly StoreEntry[],
  underWay: number,
  work: (entry: StoreEntry) => Promise<unknown>,
): Promise<number> {
  const before = performance.now();
  await inParallel(entries, underWay, work);
  return (entries.length / (performance.now() - before)) * 1_000;
}

async function inParallel<Item>(
  items: readonly Item[],
  underWay: number,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const goOn = async () => {
    while (next < items.length) {
      const item = items[next]!;
      next += 1;
      const result = await work(item);
      if (result === undefined || result === 'full') throw new Error(`unexpected answer: ${String(result)}`);
    }
  };
  await Promise.all(Array.from({ length: underWay }, goOn));
}

/** Milliseconds of each get, one after the other, while as many records again are put. */
async function getsWhilePutting(store: BlockStore, entries: readonly StoreEntry[]): Promise<number[]> {
  const fresh = entries.map((_, index) => numberedEntry(crypto, entries.length + index));
  let putting = true;
  const puts = inParallel(fresh, PUTS_UNDER_WAY, (entry) => store.put(entry)).finally(() => (putting = false));
  const took: number[] = [];
  while (putting) {
    const before = performance.now();
    await store.get(entries[random.below(entries.length)]!.address);
    took.push(performance.now() - before);
  }
  await puts;
  return took;
}

async function timeOpen(path: string, records: number): Promise<StoreResult> {
  const options = { path, quotaBytes: QUOTA_BYTES, crypto, random };
  const store = await openSqliteBlockStore(options);
  const numbers = Array.from({ length: records }, (_, number) => number);
  await inParallel(numbers, PUTS_UNDER_WAY, (number) => store.put(numberedEntry(crypto, number)));
  await store.close();
  const before = performance.now();
  const again = await openSqliteBlockStore(options);
  const tookMs = performance.now() - before;
  await again.close();
  return { name: `open with ${records} records`, value: tookMs, unit: 'ms' };
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = random.below(index + 1);
    [result[index], result[other]] = [result[other]!, result[index]!];
  }
  return result;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      records: { type: 'string', default: '4000' },
      open: { type: 'string', default: '0' },
      json: { type: 'string' },
    },
  });
  const results = await benchStore(Number(values.records), Number(values.open));
  for (const { name, value, unit, raw } of results) {
    const beside =
      raw === undefined ? '' : `   SQLite itself ${raw.toFixed(0)} (${((value / raw) * 100).toFixed(0)} %)`;
    console.log(`${name.padEnd(44)} ${value.toFixed(value < 100 ? 2 : 0).padStart(10)} ${unit}${beside}`);
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
}
