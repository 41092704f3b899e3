import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { entrySizeBytes } from '../../../src-main/storage/quotas.ts';
import { MAX_PENDING_WRITES, openSqliteBlockStore } from '../../../src-main/storage/sqlite/block-store.ts';
import type { SqliteBlockStore, SqliteBlockStoreOptions } from '../../../src-main/storage/sqlite/block-store.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { createSystemRandom } from '../../../src-main/workers/sodium/random.ts';
import { numberedEntry } from '../../integration/store-kill-entries.ts';

const crypto = createSodiumCrypto();
const random = createSystemRandom();
const entry = (number: number) => numberedEntry(crypto, number);
const UNIT = entrySizeBytes(entry(0).record.length);
const PAGE_BYTES = 16_384;
const stamp = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

function storePath(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-store-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'blocks.db');
}

async function open(
  context: TestContext,
  path: string,
  options: Partial<SqliteBlockStoreOptions> = {},
): Promise<SqliteBlockStore> {
  const store = await openSqliteBlockStore({ path, quotaBytes: 1_000 * UNIT, crypto, random, ...options });
  context.after(() => store.close());
  return store;
}

async function fill(store: SqliteBlockStore, count: number): Promise<void> {
  const outcomes = await Promise.all(Array.from({ length: count }, (_, number) => store.put(entry(number))));
  assert.deepEqual(new Set(outcomes), new Set(['stored']));
}

async function isHeld(store: SqliteBlockStore, number: number): Promise<boolean> {
  const record = await store.get(entry(number).address);
  if (record !== undefined) assert.equal(Buffer.compare(record, entry(number).record), 0);
  return record !== undefined;
}

async function countHeld(store: SqliteBlockStore, count: number): Promise<number> {
  const all = await Promise.all(Array.from({ length: count }, (_, number) => isHeld(store, number)));
  return all.filter((held) => held).length;
}

function change(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

describe('block store in SQLite', () => {
  it('has everything after it was closed and opened, uses included', async (context) => {
    const path = storePath(context);
    const first = await open(context, path);
    await fill(first, 20);
    assert.equal(await isHeld(first, 3), true);
    const before = await first.stats();
    await first.close();
    const second = await open(context, path);
    assert.equal((await second.stats()).probationBytes, 19 * UNIT);
    assert.deepEqual({ ...(await second.stats()), probationBytes: 0 }, { ...before, probationBytes: 0 });
    assert.equal(await countHeld(second, 20), 20);
  });

  it('names nothing on disk, though it can list what it keeps', async (context) => {
    const path = storePath(context);
    const store = await open(context, path, { addressKey: random.bytes(32) });
    for (let number = 0; number < 20; number += 1) await store.put({ ...entry(number), place: 'store', stamp });
    assert.equal((await store.kept(100)).addresses.length, 20);
    const look = () => {
      for (const file of [path, `${path}-wal`].filter((file) => existsSync(file))) {
        const bytes = readFileSync(file);
        for (let number = 0; number < 20; number += 1) {
          const { address, record } = entry(number);
          assert.equal(bytes.indexOf(address), -1, 'an address');
          assert.equal(bytes.indexOf(address.subarray(2, 14)), -1, 'a part of an address');
          assert.equal(bytes.indexOf(record.subarray(0, 16)), -1, 'a record');
        }
      }
    };
    look();
    await store.close();
    look();
  });

  it('lists what it kept before a restart, with the key of the installation and no other', async (context) => {
    const path = storePath(context);
    const addressKey = random.bytes(32);
    const first = await open(context, path, { addressKey });
    for (const number of [1, 2, 3]) await first.put({ ...entry(number), place: 'store', stamp });
    await first.close();
    const second = await open(context, path, { addressKey });
    const { addresses, next } = await second.kept(100);
    assert.equal(next, undefined);
    assert.deepEqual(
      new Set(addresses.map(({ address }) => Buffer.from(address).toString('hex'))),
      new Set([1, 2, 3].map((number) => Buffer.from(entry(number).address).toString('hex'))),
    );
    assert.deepEqual(addresses[0]!.stamp, stamp);
    await second.close();
    for (const otherKey of [random.bytes(32), undefined]) {
      const other = await open(context, path, otherKey === undefined ? {} : { addressKey: otherKey });
      assert.deepEqual((await other.kept(100)).addresses, []);
      assert.equal(await isHeld(other, 2), true);
      await other.close();
    }
  });

  it('opens a file of the version before, with all that is in it, and lists what is put from then on', async (context) => {
    const path = storePath(context);
    const addressKey = random.bytes(32);
    const first = await open(context, path, { addressKey });
    await fill(first, 5);
    await first.close();
    change(
      path,
      "ALTER TABLE entries DROP COLUMN address; PRAGMA user_version = 1; UPDATE meta SET value = 1 WHERE name = 'version'",
    );
    const second = await open(context, path, { addressKey });
    assert.equal(await countHeld(second, 5), 5);
    assert.deepEqual((await second.kept(100)).addresses, []);
    assert.equal(await second.put({ ...entry(1), place: 'store', stamp }), 'present');
    assert.equal(await second.put({ ...entry(7), place: 'store', stamp }), 'stored');
    assert.equal((await second.kept(100)).addresses.length, 2);
    assert.deepEqual(
      readdirSync(join(path, '..')).filter((name) => name.includes('damaged')),
      [],
    );
  });

  it('gives two stores different indices for one address', async (context) => {
    const hashes = await Promise.all(
      [0, 1].map(async () => {
        const path = storePath(context);
        const store = await open(context, path);
        await store.put(entry(1));
        await store.close();
        const database = new DatabaseSync(path);
        const { hash, location } = database.prepare('SELECT hash, location FROM entries').get()!;
        database.close();
        assert.equal(location, entry(1).address[0]! * 256 + entry(1).address[1]!);
        return Buffer.from(hash as Uint8Array).toString('hex');
      }),
    );
    assert.notEqual(hashes[0], hashes[1]);
  });

  it('drops a record that fails its check, counts it, and takes it again', async (context) => {
    const path = storePath(context);
    const first = await open(context, path);
    await fill(first, 5);
    await first.close();
    change(
      path,
      "UPDATE payloads SET sealed = CAST(substr(sealed, 1, 100) || x'00' || substr(sealed, 102) AS BLOB) WHERE id = 2",
    );
    change(path, 'DELETE FROM payloads WHERE id = 4');
    const store = await open(context, path);
    assert.equal(await countHeld(store, 5), 3);
    const { damaged, blocks } = await store.stats();
    assert.deepEqual({ damaged, blocks }, { damaged: 2, blocks: 3 });
    assert.deepEqual(await Promise.all([1, 3].map((number) => store.put(entry(number)))), ['stored', 'stored']);
    assert.equal(await countHeld(store, 5), 5);
  });

  it('loses what is on a damaged page of records, and nothing else', async (context) => {
    const path = storePath(context);
    const first = await open(context, path);
    await fill(first, 100);
    await first.close();
    overwritePage(
      path,
      "SELECT pageno FROM dbstat WHERE name = 'payloads' AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET 3",
    );
    const store = await open(context, path, { onDamaged: () => assert.fail('moved aside') });
    const held = await countHeld(store, 100);
    assert.ok(held < 100 && held >= 85, `${held} held`);
    assert.equal((await store.stats()).damaged, 100 - held);
    await store.setQuota(10 * UNIT);
    assert.equal((await store.stats()).blocks, 10);
  });

  it('moves a file aside that breaks at work, and goes on with a fresh one under the same salt', async (context) => {
    const path = storePath(context);
    const moved: string[] = [];
    const store = await open(context, path, { onDamaged: (movedTo) => moved.push(movedTo) });
    await fill(store, 200);
    // Brings what is in the log into the file.
    await store.setQuota(999 * UNIT);
    overwritePage(path, "SELECT rootpage AS pageno FROM sqlite_schema WHERE name = 'payloads'");
    // A change by another connection makes the writer forget its cache and read the page.
    change(path, "INSERT INTO meta (name, value) VALUES ('test', 1)");
    await assert.rejects(store.put(entry(200)), { code: 'unexpected' });
    assert.deepEqual(moved, [`${path}.damaged-1`]);
    assert.equal(await store.put(entry(1)), 'stored');
    assert.equal(await isHeld(store, 1), true);
    assert.equal((await store.stats()).blocks, 1);
  });

  it('moves a file aside that is no database, and tells', async (context) => {
    const path = storePath(context);
    writeFileSync(path, 'this was a store once, and then something else wrote here\n'.repeat(1_000));
    const moved: string[] = [];
    const store = await open(context, path, { onDamaged: (movedTo) => moved.push(movedTo) });
    assert.deepEqual(moved, [`${path}.damaged-1`]);
    assert.match(readFileSync(moved[0]!, 'utf8'), /^this was a store once/);
    assert.equal(await store.put(entry(1)), 'stored');
  });

  it('does not touch a store of a newer version', async (context) => {
    const path = storePath(context);
    const store = await open(context, path);
    await fill(store, 3);
    await store.close();
    change(path, "PRAGMA user_version = 3; UPDATE meta SET value = 3 WHERE name = 'version'");
    const before = readFileSync(path);
    await assert.rejects(open(context, path), { code: 'not-in-version', message: /newer version of Broadside/ });
    assert.deepEqual(readdirSync(join(path, '..')), ['blocks.db']);
    assert.equal(Buffer.compare(readFileSync(path), before), 0);
  });

  it('answers full when the disk is, and goes on when there is room', async (context) => {
    const path = storePath(context);
    const store = await open(context, path, { maxPages: 200 });
    let stored = 0;
    while ((await store.put(entry(stored))) === 'stored') stored += 1;
    assert.ok(stored > 50 && stored < 100, `${stored} stored`);
    assert.equal((await store.stats()).blocks, stored);
    assert.equal(await countHeld(store, stored), stored);
    assert.equal(await store.put(entry(stored)), 'full');
    await store.remove(entry(0).address);
    await store.remove(entry(1).address);
    assert.equal(await store.put(entry(stored)), 'stored');
    assert.equal(await countHeld(store, stored + 1), stored - 1);
  });

  it('takes nothing on a disk that is nearly full, but reads, removes and shrinks', async (context) => {
    const path = storePath(context);
    const first = await open(context, path);
    await fill(first, 20);
    await first.close();
    const store = await open(context, path, { reserveBytes: 2 ** 60 });
    assert.equal(await store.put(entry(20)), 'full');
    assert.equal(await countHeld(store, 21), 20);
    await store.remove(entry(0).address);
    await store.setQuota(10 * UNIT);
    assert.equal((await store.stats()).blocks, 10);
    assert.ok(statSync(path).size <= 10 * UNIT + 8 * PAGE_BYTES);
  });

  it('frees the disk when the quota shrinks', async (context) => {
    const path = storePath(context);
    const store = await open(context, path);
    await fill(store, 600);
    await store.setQuota(100 * UNIT);
    const onDisk = () =>
      readdirSync(join(path, '..')).reduce((sum, file) => sum + statSync(join(path, '..', file)).size, 0);
    // The shared index of the log (-shm) is 32 KiB.
    assert.ok(onDisk() <= 100 * UNIT + 32_768 + 8 * PAGE_BYTES, `${onDisk()} bytes for ${100 * UNIT}`);
    assert.equal(await countHeld(store, 600), 100);
    await store.close();
    assert.ok(onDisk() <= 100 * UNIT + 8 * PAGE_BYTES);
  });

  it('evicts when it is opened with a smaller quota', async (context) => {
    const path = storePath(context);
    const first = await open(context, path);
    await fill(first, 300);
    await first.close();
    const second = await open(context, path, { quotaBytes: 100 * UNIT });
    // setQuota is answered when the shrinking that began with the start is done.
    await second.setQuota(100 * UNIT);
    assert.equal((await second.stats()).blocks, 100);
  });

  it('takes only so many puts at once', async (context) => {
    const store = await open(context, storePath(context), { quotaBytes: 10_000 * UNIT });
    const { record } = entry(0);
    const puts = Array.from({ length: MAX_PENDING_WRITES + 10 }, () =>
      store.put({ ...entry(0), address: random.bytes(32), record: record.subarray(0, 100) }),
    );
    const outcomes = await Promise.allSettled(puts);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    assert.equal(refused.length, 10);
    for (const { reason } of refused) assert.equal(reason.code, 'busy');
    assert.equal((await store.stats()).blocks, MAX_PENDING_WRITES);
  });

  it('refuses what is not an address or not a record', async (context) => {
    const store = await open(context, storePath(context));
    await assert.rejects(store.get(new Uint8Array(31)), { code: 'usage' });
    await assert.rejects(store.put({ ...entry(1), record: new Uint8Array(1024 * 1024 + 1) }), { code: 'usage' });
  });

  it('tells why it cannot be opened', async (context) => {
    const path = storePath(context);
    writeFileSync(path, '');
    await assert.rejects(open(context, join(path, 'blocks.db')), { code: 'unexpected', message: /the block store/ });
  });
});

/** Fills a page with 0xff; `query` gives its number as pageno. */
function overwritePage(path: string, query: string, readOnly = false): void {
  const database = new DatabaseSync(path, { readOnly });
  const { pageno } = database.prepare(query).get()!;
  database.close();
  const file = openSync(path, 'r+');
  writeSync(file, new Uint8Array(PAGE_BYTES).fill(0xff), 0, PAGE_BYTES, (Number(pageno) - 1) * PAGE_BYTES);
  closeSync(file);
}
