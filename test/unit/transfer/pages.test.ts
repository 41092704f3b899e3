import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HashPages, hashesOf, PAGE_HASHES, pageFrom, topLevelOf } from '../../../src-main/core/transfer/pages.ts';
import {
  chunkBytesOf,
  chunkCountOf,
  fileRoot,
  HASH_BYTES,
  MAX_CHUNK_BYTES,
  treeRootOf,
} from '../../../src-main/core/transfer/tree.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const crypto = createSodiumCrypto();

/** Hashes of a file with so many chunks of the largest size; what the chunks are does not matter here. */
function fileOf(chunks: number): { sizeBytes: number; hashes: Uint8Array; root: Uint8Array } {
  const sizeBytes = chunks * MAX_CHUNK_BYTES - 5;
  assert.equal(chunkCountOf(sizeBytes), chunks);
  assert.equal(chunkBytesOf(sizeBytes), MAX_CHUNK_BYTES);
  const hashes = seededRandom(chunks).bytes(chunks * HASH_BYTES);
  return { sizeBytes, hashes, root: fileRoot(crypto, sizeBytes, treeRootOf(crypto, hashes)) };
}

for (const chunks of [600, 1_024, 1_025, 2_049, 5_000]) {
  test(`the pages of ${chunks} chunks prove each other from the root down`, () => {
    const { sizeBytes, hashes, root } = fileOf(chunks);
    const pages = new HashPages(crypto, root, sizeBytes);
    assert.equal(pages.topLevel, chunks <= PAGE_HASHES ? 0 : 10);
    assert.equal(pages.isProved, false);
    for (const chunk of [0, chunks - 1, Math.floor(chunks / 2)]) {
      for (let at = pages.missingFor(chunk); at !== undefined; at = pages.missingFor(chunk)) {
        const page = pageFrom(crypto, hashes, at);
        assert.equal(page?.length, hashesOf(chunks, at) * HASH_BYTES);
        assert.ok(pages.accept(at, page!));
      }
      assert.deepEqual(pages.hashOf(chunk), hashes.subarray(chunk * HASH_BYTES, (chunk + 1) * HASH_BYTES));
    }
    assert.ok(pages.isProved);
  });
}

test('a page that is altered, cut, longer, of another place or before its time is refused', () => {
  const chunks = 3_000;
  const { sizeBytes, hashes, root } = fileOf(chunks);
  const top = { level: topLevelOf(chunks), index: 0 };
  const page = pageFrom(crypto, hashes, top)!;
  const leaf = pageFrom(crypto, hashes, { level: 0, index: 1 })!;
  const pages = new HashPages(crypto, root, sizeBytes);
  assert.equal(pages.accept({ level: 0, index: 1 }, leaf), false, 'before the one above');
  const altered = page.slice();
  altered[7]! ^= 1;
  assert.equal(pages.accept(top, altered), false);
  assert.equal(pages.accept(top, page.subarray(0, page.length - HASH_BYTES)), false);
  assert.equal(pages.accept(top, new Uint8Array(0)), false);
  assert.equal(pages.accept({ level: 20, index: 0 }, page), false);
  assert.equal(pages.accept({ level: 5, index: 0 }, page), false);
  assert.ok(pages.accept(top, page));
  assert.equal(pages.accept({ level: 0, index: 0 }, leaf), false, 'of another place');
  assert.equal(pages.accept({ level: 0, index: 3 }, leaf), false, 'past the end');
  assert.ok(pages.accept({ level: 0, index: 1 }, leaf));
});

test('another size has another root, though the hashes are the same', () => {
  const { sizeBytes, hashes, root } = fileOf(700);
  const pages = new HashPages(crypto, root, sizeBytes - 1);
  assert.equal(pages.accept({ level: 0, index: 0 }, hashes), false);
});
