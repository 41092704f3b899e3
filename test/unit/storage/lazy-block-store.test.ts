/** Block stores that are opened when they are needed, and share threads. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { blockThread } from '../../../src-main/storage/sqlite/block-store.ts';
import type { SqliteBlockStoreOptions } from '../../../src-main/storage/sqlite/block-store.ts';
import { createLazyBlockStore } from '../../../src-main/storage/sqlite/lazy-block-store.ts';
import type { LazyBlockStore } from '../../../src-main/storage/sqlite/lazy-block-store.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { createSystemRandom } from '../../../src-main/workers/sodium/random.ts';
import { entry, UNIT } from '../../contract/block-store.ts';

const crypto = createSodiumCrypto();
const random = createSystemRandom();

function directory(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'broadside-lazy-'));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function openAt(context: TestContext, path: string, more: Partial<SqliteBlockStoreOptions> = {}): LazyBlockStore {
  const store = createLazyBlockStore({ path, quotaBytes: 100 * UNIT, crypto, random, ...more });
  context.after(() => store.close());
  return store;
}

/** Threads of this process by that name, which Linux cuts to fifteen letters. */
function threadsNamed(name: string): number {
  const names = readdirSync('/proc/self/task').map((task) =>
    readFileSync(`/proc/self/task/${task}/comm`, 'utf8').trim(),
  );
  return names.filter((each) => each === name).length;
}

describe('a block store that is opened when it is needed', () => {
  it('has no file before the first record, whatever is asked of it', async (context) => {
    const path = join(directory(context), 'blocks.db');
    const store = openAt(context, path);
    const { address } = entry(1);
    await store.openIfThere();
    assert.equal(await store.get(address), undefined);
    assert.equal(await store.peek(address), undefined);
    assert.equal(await store.has(address), false);
    await store.remove(address);
    await store.setQuota(50 * UNIT);
    assert.deepEqual(await store.kept(10), { addresses: [], next: undefined });
    assert.equal((await store.spread()).length, 256);
    assert.equal((await store.stats()).quotaBytes, 50 * UNIT);
    assert.equal(existsSync(path), false);
    const own = entry(1);
    const put = store.put(own);
    own.record.fill(0);
    assert.equal(await put, 'stored');
    assert.deepEqual(await store.get(address), entry(1).record);
    assert.equal((await store.stats()).quotaBytes, 50 * UNIT);
  });

  it('brings what was put to disk however soon it is closed', async (context) => {
    const path = join(directory(context), 'blocks.db');
    const first = openAt(context, path);
    const put = first.put(entry(1));
    await first.close();
    assert.equal(await put, 'stored');
    await assert.rejects(first.get(entry(1).address), { code: 'unexpected' });
    const second = openAt(context, path);
    assert.deepEqual(await second.get(entry(1).address), entry(1).record);
  });

  it('says why it cannot be opened, and is opened by the next who asks when it can', async (context) => {
    const folder = join(directory(context), 'folder');
    writeFileSync(folder, 'a file where the folder should be');
    const store = openAt(context, join(folder, 'blocks.db'));
    await assert.rejects(store.put(entry(1)), { code: 'unexpected' });
    rmSync(folder);
    assert.equal(await store.put(entry(1)), 'stored');
  });
});

describe('block stores that share threads', () => {
  it(
    'have two threads between them, which end with the last',
    { skip: process.platform !== 'linux' },
    async (context) => {
      const place = directory(context);
      const threads = { writer: blockThread('lazy writer'), reader: blockThread('lazy reader') };
      const stores = [1, 2, 3].map((number) => openAt(context, join(place, `${number}.db`), { threads }));
      assert.equal(threadsNamed('lazy writer'), 0);
      await Promise.all(stores.map((store, number) => store.put(entry(number))));
      for (const [number, store] of stores.entries()) {
        assert.deepEqual(await store.get(entry(number).address), entry(number).record);
        assert.equal(await store.has(entry(number + 1).address), false);
      }
      assert.deepEqual([threadsNamed('lazy writer'), threadsNamed('lazy reader')], [1, 1]);
      await stores[0]!.close();
      assert.equal(await stores[1]!.put(entry(7)), 'stored');
      assert.deepEqual(await stores[1]!.get(entry(7).address), entry(7).record);
      await Promise.all(stores.slice(1).map((store) => store.close()));
      assert.deepEqual([threadsNamed('lazy writer'), threadsNamed('lazy reader')], [0, 0]);
      // And begin again with the next.
      const again = openAt(context, join(place, '1.db'), { threads });
      assert.deepEqual(await again.get(entry(0).address), entry(0).record);
    },
  );

  it('all learn that the thread died', async (context) => {
    const place = directory(context);
    const threads = { writer: blockThread('dying writer'), reader: blockThread('dying reader') };
    const stores = [1, 2].map((number) => openAt(context, join(place, `${number}.db`), { threads }));
    await Promise.all(stores.map((store, number) => store.put(entry(number))));
    // A client that asks a reader to write stands for a defect on the thread.
    await new Promise<unknown>((resolve) => {
      const odd = threads.writer.enter({ role: 'reader', path: join(place, '1.db') }, resolve);
      odd.port.postMessage([{ type: 'put', id: 1 }]);
    });
    for (const store of stores) {
      await assert.rejects(store.put(entry(10)), {
        code: 'unexpected',
        message: /the block store stopped: not for the reader/,
      });
    }
    for (const store of stores) await assert.rejects(store.stats(), { code: 'unexpected' });
  });
});
