/** Fault scenarios of all that SQLite writes. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BroadsideError } from '../../shared/base/errors.ts';
import { formatLink } from '../../shared/base/links.ts';
import { Bookmarks } from '../../src-main/services/library/bookmarks.ts';
import { openSqliteBlockStore } from '../../src-main/storage/sqlite/block-store.ts';
import { createLazySearchIndex } from '../../src-main/storage/sqlite/lazy-search-index.ts';
import { openLibraryStore } from '../../src-main/storage/sqlite/library-store.ts';
import { createSharesStore } from '../../src-main/storage/sqlite/shares-store.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { file, found, listing, share, source, TODAY } from '../contract/search-index.ts';
import { rowsOf, sharedRow } from '../contract/share-store.ts';
import { numberedEntry } from '../integration/store-kill-entries.ts';
import type { FaultScenario } from './fault-scenario.ts';
import { ManualClock } from './manual-clock.ts';
import { seededRandom } from './seeded-random.ts';

const crypto = createSodiumCrypto();
const KEY = new Uint8Array(32).fill(7);
const onDamaged = (movedTo: string): never => assert.fail(`a whole file was moved to ${movedTo}`);
const common = { crypto, random: seededRandom(1), onDamaged };

/** The whole file, every page and index. */
function assertWhole(path: string): void {
  if (!existsSync(path)) return;
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    assert.equal(database.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok');
  } finally {
    database.close();
  }
}

const openBlocks = (directory: string) =>
  openSqliteBlockStore({
    ...common,
    path: join(directory, 'blocks.db'),
    quotaBytes: 1e9,
    addressKey: KEY,
    reserveBytes: 0,
  });

async function putBlocks(store: Awaited<ReturnType<typeof openBlocks>>, first: number): Promise<void> {
  const numbers = Array.from({ length: 8 }, (_, index) => first + index);
  const outcomes = await Promise.all(numbers.map((number) => store.put(numberedEntry(crypto, number))));
  // What a store without room answers, which its callers pass on as `no-space` or try elsewhere.
  if (outcomes.includes('full')) throw new BroadsideError('no-space', 'the store is full');
}

const blocks: FaultScenario = {
  name: 'block store',
  isNative: true,
  async prepare(directory) {
    const store = await openBlocks(directory);
    await putBlocks(store, 0);
    await store.close();
  },
  async open(directory) {
    const store = await openBlocks(directory);
    const assertHeld = async (first: number): Promise<void> => {
      for (let number = first; number < first + 8; number += 1) {
        const { address, record } = numberedEntry(crypto, number);
        const held = await store.get(address);
        assert.ok(held !== undefined && Buffer.compare(held, record) === 0, `lost block ${number}`);
      }
      assert.equal((await store.stats()).damaged, 0);
    };
    return {
      act: () => putBlocks(store, 100),
      async intact() {
        await assertHeld(0);
        assertWhole(join(directory, 'blocks.db'));
      },
      done: () => assertHeld(100),
      close: () => store.close(),
    };
  },
};

const openLibrary = (directory: string) =>
  openLibraryStore({ ...common, path: join(directory, 'library.db'), key: KEY });

const library: FaultScenario = {
  name: 'library',
  isNative: true,
  async prepare(directory) {
    const store = await openLibrary(directory);
    await store.put({ origin: 'published', link: 'a', value: '1' });
    await store.put({ origin: 'opened', link: 'c', value: '1' });
    await store.close();
  },
  async open(directory) {
    const store = await openLibrary(directory);
    return {
      async act() {
        await store.put({ origin: 'published', link: 'b', value: 'x'.repeat(20_000) });
        await store.remove('opened', 'c');
      },
      async intact() {
        const rows = await store.list();
        assert.deepEqual(rows.find(({ link }) => link === 'a')?.value, '1');
        assertWhole(join(directory, 'library.db'));
      },
      async done() {
        const links = (await store.list()).map(({ link }) => link).toSorted();
        assert.deepEqual(links, ['a', 'b']);
      },
      close: () => store.close(),
    };
  },
};

/** A service on the library, as all of services/addresses, search and transfers have it: what it says it has is on disk. */
const bookmarks: FaultScenario = {
  name: 'bookmarks',
  isNative: true,
  prepare: (directory) => library.prepare(directory),
  async open(directory) {
    const store = await openLibrary(directory);
    const load = async (): Promise<Bookmarks> =>
      new Bookmarks(
        {
          ...{ clock: new ManualClock(), random: seededRandom(3), libraryStore: store, neighbours: () => 0 },
          ...{
            newestEdition: async () => undefined,
            changed: () => undefined,
            onDefect: (thrown: unknown) => assert.fail(String(thrown)),
          },
        },
        await store.list(),
      );
    const opened = await load();
    return {
      act: async () => void (await opened.add(LINK, 'A title')),
      intact: async () => assert.deepEqual(opened.list(), (await load()).list()),
      done: async () =>
        assert.deepEqual(
          (await load()).list().map(({ title }) => title),
          ['A title'],
        ),
      close: () => store.close(),
    };
  },
};

const fill = (length: number): Uint8Array => new Uint8Array(length).fill(5);
const LINK = formatLink({
  ...{ class: 1, k: 3, n: 10, path: '' },
  ...{ documentKey: fill(32), readSecret: fill(16), namesDigest: fill(16) },
});

const none = { put: [], moved: [], removed: [] };

const shares: FaultScenario = {
  name: 'shared folders',
  isNative: true,
  async prepare(directory) {
    const store = openShares(directory);
    await store.putFolder(1, '{"path":"/a"}');
    await store.putFolder(2, '{"path":"/b"}');
    await store.change(1, { ...none, put: [sharedRow('a', 1), sharedRow('b', 2)] });
    await store.close();
  },
  async open(directory) {
    const store = openShares(directory);
    return {
      async act() {
        const many = Array.from({ length: 40 }, (_, index) => sharedRow(`many/${index}`, index + 10));
        await store.change(1, { ...none, put: many, removed: ['b'] });
        await store.dropFolder(2);
      },
      async intact() {
        assert.ok((await store.folders()).some(({ folder }) => folder === 1));
        const paths = (await rowsOf(store, 1)).map(({ path }) => path);
        assert.ok(paths.includes('a'));
        assert.deepEqual(paths.includes('many/0'), !paths.includes('b'), 'a change is there whole or not at all');
        assertWhole(join(directory, 'shares.db'));
      },
      async done() {
        assert.equal((await rowsOf(store, 1)).length, 41);
        assert.deepEqual(
          (await store.folders()).map(({ folder }) => folder),
          [1],
        );
      },
      close: () => store.close(),
    };
  },
};

const openShares = (directory: string) =>
  createSharesStore({ ...common, path: join(directory, 'shares.db'), key: KEY });

const openIndex = (directory: string) =>
  createLazySearchIndex({
    path: join(directory, 'search.db'),
    random: seededRandom(1),
    wallMs: () => TODAY * 86_400_000,
    onDamaged,
  });

const searchIndex: FaultScenario = {
  name: 'search index',
  isNative: true,
  async prepare(directory) {
    const index = openIndex(directory);
    await share(index, 1, [file(1, 'tide')]);
    await index.putListing(listing(1, 'harbour'));
    await index.close();
  },
  async open(directory) {
    const index = openIndex(directory);
    for (const number of [1, 2]) index.present(source(number), { freeSlots: 1 });
    return {
      async act() {
        const outcome = await share(
          index,
          2,
          Array.from({ length: 60 }, (_, each) => file(100 + each, `tide tables ${each}`)),
        );
        const listed = await index.putListing(listing(2, 'harbour board'));
        // What an index without room answers; leaves look for another hub.
        if (outcome === 'full' || listed === 'full') throw new BroadsideError('no-space', 'the index is full');
      },
      async intact() {
        assert.ok((await found(index, 'tide')).includes('tide'));
        assert.ok((await found(index, 'harbour')).includes('harbour'));
        const many = (await found(index, 'tables')).length;
        assert.ok(many === 0 || many === 60, `${many} files of a list of 60`);
        assertWhole(join(directory, 'search.db'));
      },
      async done() {
        assert.equal((await found(index, 'tables')).length, 60);
        assert.equal((await found(index, 'board')).length, 1);
      },
      close: () => index.close(),
    };
  },
};

export const DATABASE_SCENARIOS: readonly FaultScenario[] = [blocks, library, bookmarks, shares, searchIndex];
