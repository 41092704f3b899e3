/** Files of shared folders as others are given them, on a real disk: as they were hashed, from within their folder, or not at all. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rename, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { Stamp } from '../../../src-main/core/ports.ts';
import { chunkCountOf, FileTreeBuilder, HASH_BYTES, MIN_CHUNK_BYTES } from '../../../src-main/core/transfer/tree.ts';
import type { SharedPlace } from '../../../src-main/services/shares/shares.ts';
import { Serving } from '../../../src-main/services/transfers/serving.ts';
import { openShared } from '../../../src-main/workers/hashing/open-shared.ts';
import { modifiedMsOf } from '../../../src-main/workers/hashing/walk.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const crypto = createSodiumCrypto();
const bytes = new Uint8Array(randomBytes(3 * MIN_CHUNK_BYTES + 100));
const builder = new FileTreeBuilder(crypto, bytes.length);
builder.add(bytes);
const { root, hashes } = builder.finish();
let directory: string;
let shared: string;
let path: string;
let places: SharedPlace[];
let serving: Serving;

before(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'broadside-serving-')));
});
after(() => rm(directory, { recursive: true, force: true }));

async function stampOf(file: string): Promise<Stamp> {
  const stats = await stat(file, { bigint: true });
  return { sizeBytes: Number(stats.size), modifiedMs: modifiedMsOf(stats), inode: stats.ino };
}

beforeEach(async () => {
  shared = await mkdtemp(join(directory, 'shared-'));
  await mkdir(join(shared, 'reels'));
  path = join(shared, 'reels', 'film.mkv');
  await writeFile(path, bytes);
  const place = { folderPath: shared, path: 'reels/film.mkv', stamp: await stampOf(path) };
  places = [{ ...place, hashes: () => Promise.resolve(hashes) }];
  serving = new Serving({ crypto, clock: new ManualClock(), openShared, find: () => places });
});

test('every chunk, and the page that proves them', async () => {
  assert.deepEqual(await serving.find(root), { sizeBytes: bytes.length, held: undefined });
  for (let chunk = 0; chunk < chunkCountOf(bytes.length); chunk += 1) {
    const wanted = bytes.slice(chunk * MIN_CHUNK_BYTES, (chunk + 1) * MIN_CHUNK_BYTES);
    assert.deepEqual(await serving.chunk(root, chunk), wanted);
  }
  assert.deepEqual(await serving.page(root, { level: 0, index: 0 }), hashes);
  assert.equal(hashes.length, chunkCountOf(bytes.length) * HASH_BYTES);
  assert.equal(await serving.chunk(root, chunkCountOf(bytes.length)), undefined);
  await serving.close();
});

test('a file that was changed in place, with its size and time set back, or cut, gives nothing', async () => {
  assert.ok(await serving.chunk(root, 0));
  await writeFile(path, new Uint8Array(bytes.length));
  assert.equal(await serving.chunk(root, 1), undefined, 'it was open already');
  assert.equal(await serving.chunk(root, 1), undefined, 'and it is not opened anew');
  await truncate(path, 10);
  await utimes(path, 1, 1);
  assert.equal(await serving.chunk(root, 0), undefined);
  await serving.close();
});

test('what is shared no more is not read, though it was open', async () => {
  assert.ok(await serving.chunk(root, 0));
  places = [];
  assert.equal(await serving.find(root), undefined);
  assert.equal(await serving.chunk(root, 0), undefined);
  await serving.close();
});

test('a folder that became a link to elsewhere gives nothing of there, whatever its size, time and inode', async () => {
  const outside = join(directory, 'outside');
  await mkdir(outside);
  await rename(path, join(outside, 'film.mkv'));
  await rm(join(shared, 'reels'), { recursive: true });
  await symlink(outside, join(shared, 'reels'));
  assert.deepEqual(await stampOf(path), places[0]!.stamp, 'it is the same file, by another way');
  assert.equal(await serving.chunk(root, 0), undefined);
  await serving.close();
});

test('where one place has it no more, another may', async () => {
  const [first] = places;
  const copy = join(shared, 'copy.mkv');
  await writeFile(copy, bytes);
  places = [first!, { ...first!, path: 'copy.mkv', stamp: await stampOf(copy) }];
  await rm(path);
  assert.deepEqual(await serving.chunk(root, 0), bytes.slice(0, MIN_CHUNK_BYTES));
  await serving.close();
});
