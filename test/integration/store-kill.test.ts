/**
 * What a store keeps when its process is killed, and what it does with a file that was damaged. STORE_KILLS and
 * STORE_TEARS say how often (20 and 40), STORE_SEED repeats a run,
 * STORE_STRICT=1 holds the opening to 2 s on the clock.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
} from 'node:fs';
import { readdirSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Random } from '../../src-main/core/ports.ts';
import { openSqliteBlockStore } from '../../src-main/storage/sqlite/block-store.ts';
import type { SqliteBlockStore } from '../../src-main/storage/sqlite/block-store.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { numberedEntry } from './store-kill-entries.ts';

const KILLS = Number(process.env['STORE_KILLS'] ?? 20);
const TEARS = Number(process.env['STORE_TEARS'] ?? 40);
const SEED = Number(process.env['STORE_SEED'] ?? createSystemRandom().below(2 ** 31));
const WRITER = fileURLToPath(new URL('./store-kill-writer.ts', import.meta.url));
/** Count the time on the clock, for a machine that does nothing else; else that of the processor, disk waits not included. */
const STRICT = process.env['STORE_STRICT'] === '1';
/** What a node may take to be there again after a crash (requirement). */
const REOPEN_WITHIN_MS = 2_000;
const KILL_WITHIN_MS = 250;
/** What is checked again in the end, so that a soak does not fill the disk: the store is begun anew after so many. */
const RENEW_AFTER_ENTRIES = 10_000;

const crypto = createSodiumCrypto();
const opened = new Set<SqliteBlockStore>();
/** A store that a failed test leaves open would keep its threads, and with them the process. */
after(() => Promise.all([...opened].map((store) => store.close())));
const openStore = (path: string, onDamaged?: (movedTo: string) => void): Promise<SqliteBlockStore> =>
  openSqliteBlockStore({
    path,
    quotaBytes: 100e9,
    crypto,
    random: createSystemRandom(),
    ...(onDamaged === undefined ? {} : { onDamaged }),
  });

async function open(path: string, onDamaged?: (movedTo: string) => void): Promise<SqliteBlockStore> {
  const store = await openStore(path, onDamaged);
  opened.add(store);
  return store;
}

/** Runs the writer until `delayMs` after its first acknowledgement, kills it, and returns what it acknowledged. */
async function writeAndKill(path: string, first: number, delayMs: number): Promise<number[]> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', WRITER, path, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const acknowledged: number[] = [];
  const lines = createInterface({ input: child.stdout });
  const ended = once(lines, 'close');
  lines.on('line', (line) => acknowledged.push(Number(line)));
  await Promise.race([once(lines, 'line'), exited]);
  await pause(delayMs);
  child.kill('SIGKILL');
  const [, signal] = await exited;
  assert.equal(signal, 'SIGKILL', 'the writer ended by itself');
  await ended;
  return acknowledged;
}

async function assertHeld(store: SqliteBlockStore, which: readonly number[]): Promise<void> {
  for (let index = 0; index < which.length; index += 32) {
    const numbers = which.slice(index, index + 32);
    const records = await Promise.all(numbers.map((number) => store.get(numberedEntry(crypto, number).address)));
    numbers.forEach((number, at) => {
      const { record } = numberedEntry(crypto, number);
      assert.ok(records[at] !== undefined && Buffer.compare(records[at], record) === 0, `lost ${number}`);
    });
  }
}

describe(`a store whose process is killed (STORE_SEED=${SEED})`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-kill-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  const random = seededRandom(SEED);
  const path = join(directory, 'store', 'blocks.db');

  it(`keeps all that it acknowledged, ${KILLS} times`, async (context) => {
    let acknowledged: number[] = [];
    let first = 0;
    let slowestMs = 0;
    for (let round = 0; round < KILLS; round += 1) {
      const fresh = await writeAndKill(path, first, random.below(KILL_WITHIN_MS));
      assert.ok(fresh.length > 0);
      const before = performance.now();
      const cpuBefore = process.cpuUsage();
      const store = await open(path, (movedTo) => assert.fail(`moved to ${movedTo}`));
      const { user, system } = process.cpuUsage(cpuBefore);
      const openMs = STRICT ? performance.now() - before : (user + system) / 1_000;
      slowestMs = Math.max(slowestMs, performance.now() - before);
      assert.ok(openMs <= REOPEN_WITHIN_MS, `opened in ${openMs} ms`);
      await assertHeld(store, fresh);
      assert.equal((await store.stats()).damaged, 0);
      acknowledged.push(...fresh);
      // What was under way when it was killed may be there as well; the next begins beyond it.
      first = Math.max(...fresh) + 1_000;
      const last = round === KILLS - 1;
      if (acknowledged.length >= RENEW_AFTER_ENTRIES || last) await assertHeld(store, acknowledged);
      await store.close();
      if (acknowledged.length >= RENEW_AFTER_ENTRIES && !last) {
        rmSync(join(directory, 'store'), { recursive: true });
        acknowledged = [];
      }
    }
    context.diagnostic(`${first} puts begun, slowest open ${slowestMs.toFixed(0)} ms`);
  });

  it('leaves only files that their owner alone may read', { skip: process.platform === 'win32' }, async () => {
    const own = join(directory, 'modes', 'blocks.db');
    await writeAndKill(own, 0, 50);
    const files = readdirSync(join(directory, 'modes'));
    assert.deepEqual(files.toSorted(), ['blocks.db', 'blocks.db-shm', 'blocks.db-wal']);
    for (const file of files) assert.equal(statSync(join(directory, 'modes', file)).mode & 0o777, 0o600, file);
    assert.equal(statSync(join(directory, 'modes')).mode & 0o777, 0o700);
  });
});

describe(`a store whose files are damaged (STORE_SEED=${SEED})`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-torn-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  const random = seededRandom(SEED ^ 0x5eed);
  const whole = join(directory, 'whole', 'blocks.db');
  let entries: number[] = [];

  before(async () => {
    // A part in the file, a part in the log only.
    const store = await open(whole);
    for (let number = 0; number < 100; number += 1) await store.put(numberedEntry(crypto, number));
    await store.close();
    const killed = await writeAndKill(whole, 1_000, 20);
    entries = [...Array(100).keys(), ...killed.slice(0, 200)];
  });

  it(`opens or moves the file aside, and never gives wrong bytes, ${TEARS} times`, async (context) => {
    const tally = { movedAtOpen: 0, movedAtWork: 0, kept: 0, lost: 0 };
    for (let round = 0; round < TEARS; round += 1) {
      const own = join(directory, `torn-${round}`);
      mkdirSync(own);
      const path = join(own, 'blocks.db');
      for (const suffix of ['', '-wal', '-shm']) copyFileSync(whole + suffix, path + suffix);
      const what = damage(path, random);
      const moved: string[] = [];
      try {
        const store = await open(path, (movedTo) => moved.push(movedTo));
        if (moved.length > 0) tally.movedAtOpen += 1;
        for (const number of entries) {
          const { address, record } = numberedEntry(crypto, number);
          const got = await store.get(address);
          if (got === undefined) tally.lost += 1;
          else {
            assert.equal(Buffer.compare(got, record), 0, `wrong bytes for ${number}`);
            tally.kept += 1;
          }
        }
        // It goes on: at the second try at the latest, when the first has met the damage and had the file moved aside.
        const next = numberedEntry(crypto, 1_000_000 + round);
        const first = await store.put(next).catch(() => undefined);
        if (first === undefined) assert.equal(await store.put(next), 'stored');
        assert.equal(Buffer.compare((await store.get(next.address))!, next.record), 0);
        await store.close();
        if (moved.length > 1 || (moved.length === 1 && first === undefined)) tally.movedAtWork += 1;
        for (const movedTo of moved) assert.ok(existsSync(movedTo));
      } catch (thrown) {
        throw new Error(`round ${round}, ${what}`, { cause: thrown });
      }
      rmSync(own, { recursive: true });
    }
    context.diagnostic(JSON.stringify(tally));
    assert.ok(tally.kept > 0);
  });
});

/** Truncates, or flips bits, in the database, its log, or the first bytes of either, where the headers are. */
function damage(path: string, random: Random): string {
  const target = path + ['', '', '-wal', '-shm'][random.below(4)]!;
  const file = openSync(target, 'r+');
  try {
    const { size } = fstatSync(file);
    if (random.below(3) === 0) {
      const length = random.below(size);
      ftruncateSync(file, length);
      return `${target} truncated to ${length} of ${size}`;
    }
    const within = random.below(3) === 0 ? Math.min(size, 200) : size;
    const offsets: number[] = [];
    for (let count = 1 + random.below(40); count > 0; count -= 1) {
      const offset = random.below(within);
      const byte = new Uint8Array(1);
      readSync(file, byte, 0, 1, offset);
      byte[0]! ^= 1 << random.below(8);
      writeSync(file, byte, 0, 1, offset);
      offsets.push(offset);
    }
    return `${target} flipped at ${offsets.join(', ')}`;
  } finally {
    closeSync(file);
  }
}
