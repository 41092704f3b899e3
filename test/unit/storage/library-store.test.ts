import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { LibraryStore } from '../../../src-main/core/ports.ts';
import { openLibraryStore } from '../../../src-main/storage/sqlite/library-store.ts';
import type { LibraryStoreOptions } from '../../../src-main/storage/sqlite/library-store.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { createSystemRandom } from '../../../src-main/workers/sodium/random.ts';
import { row } from '../../contract/library-store.ts';

const crypto = createSodiumCrypto();
const random = createSystemRandom();
const KEY = new Uint8Array(32).fill(7);

function libraryPath(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-library-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'library.db');
}

async function open(
  context: TestContext,
  path: string,
  options: Partial<LibraryStoreOptions> = {},
): Promise<LibraryStore> {
  const store = await openLibraryStore({ path, key: KEY, crypto, random, ...options });
  context.after(() => store.close());
  return store;
}

function filesOf(path: string): Buffer {
  return Buffer.concat([path, `${path}-wal`].filter((file) => existsSync(file)).map((file) => readFileSync(file)));
}

describe('library store in SQLite', () => {
  it('has its rows when it is opened again', async (context) => {
    const path = libraryPath(context);
    const first = await open(context, path);
    await first.put(row(1));
    await first.close();
    const second = await open(context, path);
    assert.deepEqual(await second.list(), [row(1)]);
  });

  it('has its rows on disk as soon as put resolves', async (context) => {
    const path = libraryPath(context);
    const writer = await open(context, path);
    await writer.put(row(1));
    assert.deepEqual(await (await open(context, path)).list(), [row(1)]);
  });

  it('shows nothing of them without the key, and nothing at all of what was removed', async (context) => {
    const path = libraryPath(context);
    const store = await open(context, path);
    await store.put(row(1));
    for (const secret of ['broadside:link', 'Title', 'opened']) assert.equal(filesOf(path).indexOf(secret), -1, secret);
    const sealed = new DatabaseSync(path, { readOnly: true });
    const columns = Object.values(sealed.prepare('SELECT id, sealed FROM rows').get()!).map((value) =>
      Buffer.from(value as Uint8Array),
    );
    sealed.close();
    assert.equal(columns.length, 2);
    for (const bytes of columns) assert.equal(filesOf(path).includes(bytes), true);
    await store.remove('opened', row(1).link);
    for (const bytes of columns) assert.equal(filesOf(path).includes(bytes), false);
  });

  it('refuses another key', async (context) => {
    const path = libraryPath(context);
    await (await open(context, path)).close();
    await assert.rejects(open(context, path, { key: new Uint8Array(32).fill(8) }), { code: 'refused' });
    await assert.rejects(open(context, path, { key: new Uint8Array(16) }), { code: 'usage' });
    await (await open(context, path)).put(row(1));
  });

  it('leaves out a row that fails its check or stands in the place of another', async (context) => {
    const path = libraryPath(context);
    const first = await open(context, path);
    for (const number of [1, 2, 3]) await first.put(row(number));
    await first.close();
    const database = new DatabaseSync(path);
    const ids = database
      .prepare('SELECT id FROM rows')
      .all()
      .map(({ id }) => id as Uint8Array);
    database
      .prepare('UPDATE rows SET sealed = (SELECT sealed FROM rows WHERE id = ?) WHERE id = ?')
      .run(ids[0]!, ids[1]!);
    database.close();
    assert.equal((await (await open(context, path)).list()).length, 2);
  });

  it('moves a damaged file aside and tells', async (context) => {
    const path = libraryPath(context);
    const moved: string[] = [];
    for (let round = 1; round <= 2; round += 1) {
      writeFileSync(path, `not a database ${round}`.repeat(1_000));
      const store = await open(context, path, { onDamaged: (movedTo) => moved.push(movedTo) });
      assert.deepEqual(await store.list(), []);
      await store.close();
    }
    assert.deepEqual(moved, [`${path}.damaged-1`, `${path}.damaged-2`]);
  });

  it('refuses rows that are too long, and work after it was closed', async (context) => {
    const store = await open(context, libraryPath(context));
    await assert.rejects(store.put(row(1, { link: 'x'.repeat(4_097) })), { code: 'usage' });
    await assert.rejects(store.put(row(1, { value: 'é'.repeat(524_289) })), { code: 'usage' });
    await store.put(row(1, { value: 'é'.repeat(524_288) }));
    await store.close();
    await assert.rejects(store.list(), { code: 'unexpected' });
    await assert.rejects(store.put(row(2)), { code: 'unexpected' });
  });

  it('makes files that their owner alone may read', { skip: process.platform === 'win32' }, async (context) => {
    const path = libraryPath(context);
    await (await open(context, path)).put(row(1));
    const files = readdirSync(join(path, '..'));
    assert.deepEqual(files.toSorted(), ['library.db', 'library.db-shm', 'library.db-wal']);
    for (const file of files) assert.equal(statSync(join(path, '..', file)).mode & 0o777, 0o600, file);
  });
});
