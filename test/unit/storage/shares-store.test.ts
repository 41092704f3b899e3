import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { ShareStore } from '../../../src-main/core/ports.ts';
import { createSharesStore } from '../../../src-main/storage/sqlite/shares-store.ts';
import type { SharesStoreOptions } from '../../../src-main/storage/sqlite/shares-store.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { createSystemRandom } from '../../../src-main/workers/sodium/random.ts';
import { rowsOf, sharedRow } from '../../contract/share-store.ts';

const crypto = createSodiumCrypto();
const random = createSystemRandom();
const KEY = new Uint8Array(32).fill(7);
const nothing = { put: [], moved: [], removed: [] };

function pathIn(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-shares-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'shares.db');
}

function open(context: TestContext, path: string, options: Partial<SharesStoreOptions> = {}): ShareStore {
  const store = createSharesStore({ path, key: KEY, crypto, random, ...options });
  context.after(() => store.close());
  return store;
}

function filesOf(path: string): Buffer {
  return Buffer.concat([path, `${path}-wal`].filter((file) => existsSync(file)).map((file) => readFileSync(file)));
}

describe('shared folders in SQLite', () => {
  it('makes no file before there is something to keep', async (context) => {
    const path = pathIn(context);
    const store = open(context, path);
    assert.deepEqual(await store.folders(), []);
    assert.equal(existsSync(path), false);
    await store.putFolder(1, '{}');
    assert.equal(statSync(path).mode & 0o077, 0);
  });

  it('has everything when it is opened again', async (context) => {
    const path = pathIn(context);
    const first = open(context, path);
    await first.putFolder(1, '{"path":"/a"}');
    await first.change(1, { ...nothing, put: [sharedRow('a')] });
    await first.close();
    const second = open(context, path);
    assert.equal((await second.folders())[0]!.value, '{"path":"/a"}');
    assert.equal((await rowsOf(second, 1)).length, 1);
  });

  it('shows nothing of it without the key, and nothing at all of what was dropped', async (context) => {
    const path = pathIn(context);
    const store = open(context, path);
    await store.putFolder(1, '{"path":"/home/hanne/secret"}');
    await store.change(1, { ...nothing, put: [sharedRow('tide tables.pdf', 5)] });
    for (const secret of ['hanne', 'tide', Buffer.alloc(32, 5), Buffer.alloc(64, 5)])
      assert.equal(filesOf(path).includes(secret), false);
    const database = new DatabaseSync(path, { readOnly: true });
    const { id, sealed, hashes } = database.prepare('SELECT id, sealed, hashes FROM files').get()!;
    database.close();
    const columns = [id, sealed, hashes].map((value) => Buffer.from(value as Uint8Array));
    for (const bytes of columns) assert.equal(filesOf(path).includes(bytes), true);
    await store.dropFolder(1);
    for (const bytes of columns) assert.equal(filesOf(path).includes(bytes), false);
  });

  it('refuses another key', async (context) => {
    const path = pathIn(context);
    const first = open(context, path);
    await first.putFolder(1, '{}');
    await first.close();
    await assert.rejects(open(context, path, { key: new Uint8Array(32).fill(8) }).folders(), { code: 'refused' });
    assert.throws(() => createSharesStore({ path, key: new Uint8Array(16), crypto, random }), { code: 'usage' });
    assert.equal((await open(context, path).folders()).length, 1);
  });

  it('leaves out rows that fail their check, and hashes of another file', async (context) => {
    const path = pathIn(context);
    const first = open(context, path);
    await first.putFolder(1, '{}');
    await first.change(1, { ...nothing, put: [sharedRow('a', 1), sharedRow('b', 2)] });
    await first.close();
    const database = new DatabaseSync(path);
    const [one, two] = database.prepare('SELECT id, sealed, hashes FROM files').all();
    database
      .prepare('UPDATE files SET sealed = ?, hashes = ? WHERE id = ?')
      .run(one!['sealed']!, one!['hashes']!, two!['id']!);
    database.close();
    const second = open(context, path);
    const rows = await rowsOf(second, 1);
    assert.equal(rows.length, 1);
    const [other, number] = rows[0]!.path === 'a' ? ['b', 2] : ['a', 1];
    assert.equal(await second.hashes(1, other as string, new Uint8Array(32).fill(number as number)), undefined);
  });

  it('moves a damaged file aside and tells', async (context) => {
    const path = pathIn(context);
    const moved: string[] = [];
    writeFileSync(path, Buffer.alloc(9_000, 'no database'));
    const store = open(context, path, { onDamaged: (movedTo) => moved.push(movedTo) });
    assert.deepEqual(await store.folders(), []);
    assert.equal(moved.length, 1);
    assert.ok(readdirSync(join(path, '..')).some((name) => name.includes('damaged')));
  });

  it('sweeps what a crash left of a folder that was dropped', async (context) => {
    const path = pathIn(context);
    const first = open(context, path);
    await first.putFolder(1, '{}');
    await first.change(1, { ...nothing, put: [sharedRow('a')] });
    await first.close();
    const database = new DatabaseSync(path);
    database.exec('DELETE FROM folders');
    database.close();
    assert.deepEqual(await rowsOf(open(context, path), 1), []);
  });

  it('says so when it is used after it was closed', async (context) => {
    const store = open(context, pathIn(context));
    await store.close();
    await assert.rejects(store.putFolder(1, '{}'), { code: 'unexpected' });
  });
});
