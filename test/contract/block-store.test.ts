import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { StoreEntry } from '../../src-main/core/ports.ts';
import { createMemoryBlockStore } from '../../src-main/storage/memory/block-store.ts';
import { openSqliteBlockStore } from '../../src-main/storage/sqlite/block-store.ts';
import { createLazyBlockStore } from '../../src-main/storage/sqlite/lazy-block-store.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { blockStoreSuite, entry, numbers, rank, UNIT } from './block-store.ts';
import type { OpenStore, TestedStore } from './block-store.ts';

const crypto = createSodiumCrypto();
const random = createSystemRandom();

function directory(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'broadside-store-'));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const openSqlite: OpenStore = async (context, options) => {
  const path = join(directory(context), 'blocks.db');
  const store = await openSqliteBlockStore({ ...options, path, crypto, random, addressKey: random.bytes(32) });
  context.after(() => store.close());
  return store;
};
const openLazy: OpenStore = async (context, options) => {
  const path = join(directory(context), 'blocks.db');
  const store = createLazyBlockStore({ ...options, path, crypto, random, addressKey: random.bytes(32) });
  context.after(() => store.close());
  return store;
};
const openMemory: OpenStore = async (_context, options) => createMemoryBlockStore(options);

blockStoreSuite('memory', openMemory);
blockStoreSuite('sqlite', openSqlite);
blockStoreSuite('sqlite, opened with the first record', openLazy);

describe('block stores on disk and in memory', () => {
  for (const seed of [1, 2, 3]) {
    it(`do the same with the same calls (seed ${seed})`, async (context) => {
      const choose = seededRandom(seed);
      const quotaBytes = (10 + choose.below(60)) * UNIT;
      const stores = await Promise.all([openSqlite(context, { quotaBytes }), openMemory(context, { quotaBytes })]);
      for (let step = 0; step < 1_500; step += 1) {
        const call = randomCall(choose);
        const [onDisk, inMemory] = await Promise.all(stores.map(call.run));
        assert.deepEqual(onDisk, inMemory, `step ${step}: ${call.name}`);
      }
      const contents = await Promise.all(
        stores.map((store) => Promise.all(numbers(0, ADDRESSES).map((number) => store.has(entry(number).address)))),
      );
      assert.deepEqual(contents[0], contents[1]);
      const [onDisk, inMemory] = await Promise.all(stores.map((store) => store.stats()));
      assert.deepEqual(onDisk, inMemory);
      assert.ok(onDisk!.evicted > 0);
    });
  }
});

const ADDRESSES = 120;

function randomCall(choose: ReturnType<typeof seededRandom>): {
  name: string;
  run: (store: TestedStore) => Promise<unknown>;
} {
  const number = choose.below(ADDRESSES);
  const { address } = entry(number);
  const kind = choose.below(20);
  if (kind < 8) return { name: 'get', run: (store) => store.get(address) };
  if (kind === 8) return { name: 'remove', run: (store) => store.remove(address) };
  if (kind === 9 && choose.below(10) === 0) {
    const quotaBytes = (10 + choose.below(60)) * UNIT;
    return { name: 'setQuota', run: (store) => store.setQuota(quotaBytes) };
  }
  const put: StoreEntry = entry(number, {
    place: choose.below(3) === 0 ? 'cache' : 'store',
    record: choose.bytes(500 + choose.below(2_000)),
    ...(number % 4 === 0
      ? { kind: choose.below(8) === 0 ? 'tombstone' : 'slot', rank: rank(choose.below(50)) }
      : { kind: 'content' }),
  });
  return { name: 'put', run: (store) => store.put(put) };
}
