/** What every store of shared folders keeps to. Run on the real one and on the one that other tests use: share-store.test.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { SharedRow, ShareStore } from '../../src-main/core/ports.ts';

export function sharedRow(path: string, number = 1): SharedRow & { readonly hashes: Uint8Array } {
  return {
    path,
    sizeBytes: number * 1_000,
    modifiedMs: 1_700_000_000_000.25 + number,
    // As Windows and some file systems of Linux have them: above what a double holds.
    inode: 2n ** 63n + BigInt(number),
    root: new Uint8Array(32).fill(number),
    day: 20_000 + number,
    hashes: new Uint8Array(64).fill(number),
  };
}

export async function rowsOf(store: ShareStore, folder: number): Promise<SharedRow[]> {
  const rows: SharedRow[] = [];
  await store.files(folder, (page) => rows.push(...page));
  return rows.map(bare).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

const bare = ({ path, sizeBytes, modifiedMs, inode, root, day }: SharedRow): SharedRow => ({
  ...{ path, sizeBytes, modifiedMs, inode, root, day },
});
const nothing = { put: [], moved: [], removed: [] };

export function shareStoreSuite(name: string, open: (context: TestContext) => Promise<ShareStore>): void {
  describe(`share store: ${name}`, () => {
    it('lists folders as they were put last', async (context) => {
      const store = await open(context);
      assert.deepEqual(await store.folders(), []);
      await store.putFolder(7, '{"path":"/a"}');
      await store.putFolder(0, '{"generation":1}');
      await store.putFolder(7, '{"path":"/b"}');
      const folders = await store.folders();
      assert.deepEqual(
        folders.toSorted((a, b) => a.folder - b.folder).map(({ folder, value }) => [folder, value]),
        [
          [0, '{"generation":1}'],
          [7, '{"path":"/b"}'],
        ],
      );
    });

    it('keeps files of a folder with the hashes of their chunks', async (context) => {
      const store = await open(context);
      await store.putFolder(1, '{}');
      const [a, b] = [sharedRow('a.txt', 1), sharedRow('sub/ünïcode ✎.txt', 2)];
      await store.change(1, { ...nothing, put: [a, b] });
      assert.deepEqual(await rowsOf(store, 1), [bare(a), bare(b)]);
      assert.deepEqual(await rowsOf(store, 2), []);
      assert.deepEqual(await store.hashes(1, a.path, a.root), a.hashes);
      assert.equal(await store.hashes(1, a.path, b.root), undefined);
      assert.equal(await store.hashes(1, 'other', a.root), undefined);
      assert.equal(await store.hashes(2, a.path, a.root), undefined);
    });

    it('replaces, moves and removes in one change, files that change places too', async (context) => {
      const store = await open(context);
      await store.putFolder(1, '{}');
      const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((path, index) => sharedRow(path, index + 1));
      await store.change(1, { ...nothing, put: [a!, b!, c!, d!] });
      const anew = sharedRow('d', 9);
      await store.change(1, {
        put: [anew],
        moved: [
          { from: 'a', row: { ...bare(a!), path: 'b' } },
          { from: 'b', row: { ...bare(b!), path: 'a' } },
        ],
        removed: ['c'],
      });
      assert.deepEqual(await rowsOf(store, 1), [{ ...bare(b!), path: 'a' }, { ...bare(a!), path: 'b' }, bare(anew)]);
      assert.deepEqual(await store.hashes(1, 'b', a!.root), a!.hashes);
      assert.deepEqual(await store.hashes(1, 'd', anew.root), anew.hashes);
      assert.equal(await store.hashes(1, 'c', c!.root), undefined);
    });

    it('drops a folder with its files, and no other', async (context) => {
      const store = await open(context);
      for (const folder of [1, 2]) {
        await store.putFolder(folder, '{}');
        await store.change(folder, { ...nothing, put: [sharedRow('a')] });
      }
      await store.dropFolder(1);
      await store.dropFolder(1);
      assert.deepEqual(await rowsOf(store, 1), []);
      assert.equal((await rowsOf(store, 2)).length, 1);
      assert.deepEqual(
        (await store.folders()).map(({ folder }) => folder),
        [2],
      );
    });

    it('gives many files in pages', async (context) => {
      const store = await open(context);
      await store.putFolder(1, '{}');
      const put = Array.from({ length: 4_500 }, (_, index) => sharedRow(`file ${index}`));
      await store.change(1, { ...nothing, put });
      const paths = (await rowsOf(store, 1)).map(({ path }) => path);
      assert.equal(new Set(paths).size, 4_500);
      assert.equal(paths.length, 4_500);
    });

    it('closes twice', async (context) => {
      const store = await open(context);
      await store.putFolder(1, '{}');
      await store.close();
      await store.close();
    });
  });
}
