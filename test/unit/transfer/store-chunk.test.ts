/** Chunks that are checked and written on a thread. */
import assert from 'node:assert/strict';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ChunkBuffers } from '../../../src-main/core/transfer/chunk-buffers.ts';
import { chunkHash } from '../../../src-main/core/transfer/tree.ts';
import { HashingPool } from '../../../src-main/workers/hashing/pool.ts';
import { crypto } from '../../support/mesh.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const LENGTH = 300_000;

test('a thread writes what is right at its place, refuses what is wrong, and tells what the disk says', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'broadside-store-'));
  const pool = new HashingPool({ threads: 1 });
  const path = join(directory, 'data');
  const file = await open(path, 'w+');
  try {
    const bytes = new ChunkBuffers().take(LENGTH);
    bytes.set(seededRandom(3).bytes(LENGTH));
    const hash = chunkHash(crypto, bytes);
    assert.equal(await pool.store({ bytes, hash, file: file.fd, position: LENGTH }), 'stored');
    const written = await readFile(path);
    assert.equal(written.length, 2 * LENGTH);
    assert.ok(written.subarray(LENGTH).equals(bytes));
    bytes[7]! ^= 1;
    assert.equal(await pool.store({ bytes, hash, file: file.fd, position: 0 }), 'bad');
    assert.ok(
      (await readFile(path)).subarray(0, LENGTH).every((byte) => byte === 0),
      'nothing of it was written',
    );
    bytes[7]! ^= 1;
    const closed = await open(path, 'r');
    await assert.rejects(pool.store({ bytes, hash, file: closed.fd, position: 0 }), { code: 'EBADF' });
    await closed.close();
  } finally {
    await file.close();
    await pool.close();
    await rm(directory, { recursive: true, force: true });
  }
});
