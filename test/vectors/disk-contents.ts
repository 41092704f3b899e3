/**
 * What is in the fixtures of formats on disk (test/vectors/disk): written by the version whose format it is, and read by every later one.
 * `write` is run once for a format, by disk-fixtures.ts; what it writes is never written again.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { StoreEntry } from '../../src-main/core/ports.ts';
import { openSqliteBlockStore } from '../../src-main/storage/sqlite/block-store.ts';
import { openSqliteSearchIndex } from '../../src-main/storage/sqlite/search-index.ts';
import { openLibraryStore } from '../../src-main/storage/sqlite/library-store.ts';
import { createSharesStore } from '../../src-main/storage/sqlite/shares-store.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { file, found, listing, share, source, TODAY } from '../contract/search-index.ts';
import { rowsOf, sharedRow } from '../contract/share-store.ts';
import { seededRandom } from '../support/seeded-random.ts';

const crypto = createSodiumCrypto();
const KEY = new Uint8Array(32).fill(7);
const onDamaged = (movedTo: string): never => assert.fail(`a fixture was moved to ${movedTo}`);
const common = () => ({ crypto, random: seededRandom(1), onDamaged });

/** A database whose schema has versions, each of which has a fixture `NAME-VERSION.db.gz`. */
export interface DatabaseFixture {
  readonly name: string;
  readonly applicationId: number;
  write(path: string): Promise<void>;
  /** Opens it, whatever version it has, and asserts that all is there. */
  read(path: string): Promise<void>;
}

function entry(number: number): StoreEntry {
  const record = crypto.hash('fixture record', new TextEncoder().encode(String(number)));
  return { address: crypto.hash('content', record), record, kind: 'content', place: 'store' };
}

const BLOCKS = [0, 1, 2, 3];
const openBlocks = (path: string) =>
  openSqliteBlockStore({ ...common(), path, quotaBytes: 1e9, addressKey: KEY, reserveBytes: 0 });

const blocks: DatabaseFixture = {
  name: 'blocks',
  applicationId: 0x42_53_62_6c,
  async write(path) {
    const store = await openBlocks(path);
    for (const number of BLOCKS) assert.equal(await store.put(entry(number)), 'stored');
    await store.close();
  },
  async read(path) {
    const store = await openBlocks(path);
    for (const number of BLOCKS) {
      const { address, record } = entry(number);
      assert.deepEqual(new Uint8Array((await store.get(address)) ?? []), record);
    }
    assert.equal((await store.stats()).damaged, 0);
    // And it goes on.
    assert.equal(await store.put(entry(100)), 'stored');
    await store.close();
  },
};

const openLibrary = (path: string) => openLibraryStore({ ...common(), path, key: KEY });

const library: DatabaseFixture = {
  name: 'library',
  applicationId: 0x42_53_6c_69,
  async write(path) {
    const store = await openLibrary(path);
    await store.put({ origin: 'published', link: 'a', value: '{"title":"A"}' });
    await store.put({ origin: 'bookmark', link: 'b', value: '{"title":"Ümläut ✎"}' });
    await store.close();
  },
  async read(path) {
    const store = await openLibrary(path);
    const rows = (await store.list()).toSorted((a, b) => (a.link < b.link ? -1 : 1));
    assert.deepEqual(rows, [
      { origin: 'published', link: 'a', value: '{"title":"A"}' },
      { origin: 'bookmark', link: 'b', value: '{"title":"Ümläut ✎"}' },
    ]);
    await store.put({ origin: 'opened', link: 'c', value: '{}' });
    await store.close();
  },
};

const openShares = (path: string) => createSharesStore({ ...common(), path, key: KEY });

const shares: DatabaseFixture = {
  name: 'shares',
  applicationId: 0x42_53_73_68,
  async write(path) {
    const store = openShares(path);
    await store.putFolder(1, '{"path":"/a"}');
    await store.change(1, { put: [sharedRow('a.txt', 1), sharedRow('sub/b.txt', 2)], moved: [], removed: [] });
    await store.close();
  },
  async read(path) {
    const store = openShares(path);
    assert.deepEqual(await store.folders(), [{ folder: 1, value: '{"path":"/a"}' }]);
    const { hashes: _, ...row } = sharedRow('a.txt', 1);
    assert.deepEqual((await rowsOf(store, 1))[0], row);
    assert.deepEqual(await store.hashes(1, 'a.txt', row.root), sharedRow('a.txt', 1).hashes);
    await store.putFolder(2, '{"path":"/b"}');
    await store.close();
  },
};

const openIndex = (path: string) =>
  openSqliteSearchIndex({ path, random: seededRandom(1), wallMs: () => TODAY * 86_400_000, onDamaged });

const search: DatabaseFixture = {
  name: 'search',
  applicationId: 0x42_53_73_69,
  async write(path) {
    const index = await openIndex(path);
    await share(index, 1, [file(1, 'tide tables'), file(2, 'Häfen der Nordsee')]);
    await index.putListing(listing(1, 'harbour board'));
    await index.close();
  },
  async read(path) {
    const index = await openIndex(path);
    index.present(source(1), { freeSlots: 1 });
    assert.deepEqual(await found(index, 'tide'), ['tide tables']);
    assert.deepEqual(await found(index, 'häfen'), ['Häfen der Nordsee']);
    assert.deepEqual(await found(index, 'harbour'), ['harbour board']);
    assert.equal(await share(index, 1, [file(3, 'tide again')], { sequence: 2 }), 'done');
    assert.equal((await found(index, 'tide')).length, 2);
    await index.close();
  },
};

export const DATABASE_FIXTURES: readonly DatabaseFixture[] = [blocks, library, shares, search];

export const FIXTURES = join(import.meta.dirname, 'disk');

export function readFixture(name: string): Buffer {
  return readFileSync(join(FIXTURES, name));
}

export function writeFixture(name: string, bytes: Uint8Array | string): void {
  const path = join(FIXTURES, name);
  mkdirSync(dirname(path), { recursive: true });
  // Never one that is there: it is what an earlier version wrote.
  writeFileSync(path, bytes, { flag: 'wx' });
}
