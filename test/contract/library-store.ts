/** What every library store keeps to. Run on the real one and on the one that other tests use: library-store.test.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { LibraryRow, LibraryStore } from '../../src-main/core/ports.ts';

export function row(number: number, more: Partial<LibraryRow> = {}): LibraryRow {
  return {
    origin: 'opened',
    link: `broadside:link${number}`,
    value: JSON.stringify({ title: `Title ${number} ✎` }),
    ...more,
  };
}

async function sorted(store: LibraryStore): Promise<LibraryRow[]> {
  const rows = await store.list();
  const key = ({ origin, link }: LibraryRow) => `${origin} ${link}`;
  return rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

export function libraryStoreSuite(name: string, open: (context: TestContext) => Promise<LibraryStore>): void {
  describe(`library store: ${name}`, () => {
    it('lists what was put', async (context) => {
      const store = await open(context);
      assert.deepEqual(await store.list(), []);
      await Promise.all([1, 2, 3].map((number) => store.put(row(number))));
      assert.deepEqual(await sorted(store), [row(1), row(2), row(3)]);
    });

    it('has one row for an origin and a link', async (context) => {
      const store = await open(context);
      await store.put(row(1));
      await store.put(row(1, { value: '"other"' }));
      await store.put(row(1, { origin: 'published' }));
      assert.deepEqual(await sorted(store), [row(1, { value: '"other"' }), row(1, { origin: 'published' })]);
    });

    it('removes one row, and does not mind one that is not there', async (context) => {
      const store = await open(context);
      await store.put(row(1));
      await store.put(row(1, { origin: 'published' }));
      await store.remove('opened', row(1).link);
      await store.remove('opened', row(1).link);
      assert.deepEqual(await store.list(), [row(1, { origin: 'published' })]);
    });

    it('keeps rows of all kinds apart', async (context) => {
      const store = await open(context);
      const kinds = ['claim', 'following', 'opened', 'pen', 'published'] as const;
      for (const origin of kinds) await store.put(row(1, { origin, value: JSON.stringify(origin) }));
      await store.remove('pen', row(1).link);
      assert.deepEqual(
        (await sorted(store)).map(({ origin, value }) => [origin, value]),
        ['claim', 'following', 'opened', 'published'].map((origin) => [origin, JSON.stringify(origin)]),
      );
    });

    it('closes twice', async (context) => {
      const store = await open(context);
      await store.put(row(1));
      await store.close();
      await store.close();
    });
  });
}
