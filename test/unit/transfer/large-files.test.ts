/** A file of 100 GiB, of which nothing lies on a disk: what its hashes and its map take of memory, and how long they take to prove. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MIB } from '../../../shared/base/units.ts';
import { HashPages, hashesOf, nodesAt, PAGE_HASHES, pageFrom } from '../../../src-main/core/transfer/pages.ts';
import { ChunkBuffers } from '../../../src-main/core/transfer/chunk-buffers.ts';
import { PieceMap } from '../../../src-main/core/transfer/piece-map.ts';
import { chunkCountOf, fileRoot, HASH_BYTES, treeRootOf } from '../../../src-main/core/transfer/tree.ts';
import { crypto } from '../../support/mesh.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const SIZE_BYTES = 102_400 * MIB;

test('a file of 100 GiB takes less than 2 MiB of memory for its hashes and its map', () => {
  const chunks = chunkCountOf(SIZE_BYTES);
  const hashes = seededRandom(1).bytes(chunks * HASH_BYTES);
  const root = fileRoot(crypto, SIZE_BYTES, treeRootOf(crypto, hashes));
  const before = process.memoryUsage();
  const pages = new HashPages(crypto, root, SIZE_BYTES);
  const map = new PieceMap(chunks);
  for (let level = pages.topLevel; level >= 0; level -= 10) {
    for (let index = 0; index * PAGE_HASHES < nodesAt(chunks, level); index += 1) {
      const at = { level, index };
      const page = pageFrom(crypto, hashes, at)!;
      assert.equal(page.length, hashesOf(chunks, at) * HASH_BYTES);
      assert.ok(pages.accept(at, page.slice()));
    }
  }
  const after = process.memoryUsage();
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    assert.equal(
      map.next(() => true, undefined),
      chunk,
    );
    map.toHeld(chunk);
    assert.deepEqual(pages.hashOf(chunk), hashes.subarray(chunk * HASH_BYTES, (chunk + 1) * HASH_BYTES));
  }
  assert.ok(map.isWhole);
  const buffers = after.arrayBuffers - before.arrayBuffers;
  assert.ok(buffers < 16 * MIB, `${buffers} bytes, with what waits to be collected`);
  assert.ok(chunks * HASH_BYTES * (1 + 1 / PAGE_HASHES) + chunks < 2 * MIB);
});

test('buffers of chunks are used again, and no more than a window of them is kept', () => {
  const buffers = new ChunkBuffers();
  const first = buffers.take(MIB);
  buffers.give(first);
  assert.equal(buffers.take(2 * MIB).length, 2 * MIB, 'of another length, not that one');
  assert.equal(buffers.take(MIB), first);
  const many = Array.from({ length: 40 }, () => buffers.take(MIB));
  assert.equal(new Set(many).size, 40);
  for (const buffer of many) buffers.give(buffer);
  const again = new Set(Array.from({ length: 40 }, () => buffers.take(MIB)));
  assert.equal(many.filter((buffer) => again.has(buffer)).length, 16, 'the newest 16 MiB');
  buffers.give(new Uint8Array(0));
  buffers.give(first);
  buffers.clear();
  assert.notEqual(buffers.take(MIB), first);
});
