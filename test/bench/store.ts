/**
 * The block store beside SQLite itself, in one run: records put and got a second, and how long a get takes while others
 * put. Run: npm run bench -- store [--records 4000] [--open 0] [--json]; --open N: how long a store of N records takes to open.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import type { BlockStore, StoreEntry } from '../../src-main/core/ports.ts';
import { createMemoryBlockStore } from '../../src-main/storage/memory/block-store.ts';
import { openSqliteBlockStore } from '../../src-main/storage/sqlite/block-store.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { numberedEntry } from '../integration/store-kill-entries.ts';
import { percentile, Report } from './lib/report.ts';

const PUTS_UNDER_WAY = 256;
const GETS_UNDER_WAY = 64;
const QUOTA_BYTES = 1e12;
const crypto = createSodiumCrypto();
const random = createSystemRandom();

async function measure(records: number, openRecords: number): Promise<void> {
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
    const add = (name: string, value: number, unit: string, ofSqlite?: number): void => {
      const beside = ofSqlite === undefined ? {} : { beside: { name: 'SQLite itself', value: ofSqlite } };
      report.add({ name, value, unit, ...beside });
    };
    add(`puts, ${PUTS_UNDER_WAY} under way`, putsPerSecond, 'records/s', raw.putsPerSecond);
    add(`gets, ${GETS_UNDER_WAY} under way`, getsPerSecond, 'records/s', raw.getsPerSecond);
    add(`get while ${PUTS_UNDER_WAY} puts are under way, median`, percentile(whilePutting, 0.5), 'ms');
    add(`get while ${PUTS_UNDER_WAY} puts are under way, p99`, percentile(whilePutting, 0.99), 'ms');
    add('disk for a record', statSync(path).size / (records * 2), 'bytes', raw.bytesPerRecord);
    add('counted for a record', usedBytes / (records * 2), 'bytes');
    add('puts in memory', await rate(entries, 1, (entry) => memory.put(entry)), 'records/s');
    if (openRecords > 0) await timeOpen(join(directory, 'large.db'), openRecords);
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

async function timeOpen(path: string, records: number): Promise<void> {
  const options = { path, quotaBytes: QUOTA_BYTES, crypto, random };
  const store = await openSqliteBlockStore(options);
  const numbers = Array.from({ length: records }, (_, number) => number);
  await inParallel(numbers, PUTS_UNDER_WAY, (number) => store.put(numberedEntry(crypto, number)));
  await store.close();
  const before = performance.now();
  const again = await openSqliteBlockStore(options);
  const tookMs = performance.now() - before;
  await again.close();
  report.add({ name: `open with ${records} records`, value: tookMs, unit: 'ms' });
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = random.below(index + 1);
    [result[index], result[other]] = [result[other]!, result[index]!];
  }
  return result;
}

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '4000' },
    open: { type: 'string', default: '0' },
    json: { type: 'boolean' },
  },
});
const report = new Report('store');
await measure(Number(values.records), Number(values.open));
report.print();
