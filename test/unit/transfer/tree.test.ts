/** The tree of a shared file against its definition in docs/spec/search.md, written out here a second time. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../shared/base/bytes.ts';
import { parseFileLink } from '../../../shared/base/file-links.ts';
import { MAX_SHARED_FILE_BYTES } from '../../../src-main/core/limits.ts';
import { chunkBytesOf, chunkCountOf, chunkLengthOf, FileTreeBuilder } from '../../../src-main/core/transfer/tree.ts';
import type { FileTree } from '../../../src-main/core/transfer/tree.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { counting } from '../../vectors/vectors.ts';

const crypto = createSodiumCrypto();
const KIB = 1_024;
const CHUNK = 64 * KIB;

/** As the specification says it. */
function rootByDefinition(bytes: Uint8Array): Uint8Array {
  let level: Uint8Array[] = [];
  for (let start = 0; start === 0 || start < bytes.length; start += CHUNK)
    level.push(crypto.hash('file leaf', bytes.subarray(start, start + CHUNK)));
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const [left, right] = [level[index]!, level[index + 1]];
      above.push(right === undefined ? left : crypto.hash('file node', left, right));
    }
    level = above;
  }
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(bytes.length));
  return crypto.hash('file', size, level[0]!);
}

function treeOf(bytes: Uint8Array, pieces: readonly number[] = []): FileTree {
  const builder = new FileTreeBuilder(crypto, bytes.length);
  let offset = 0;
  for (const length of pieces) {
    builder.add(bytes.subarray(offset, offset + length));
    offset = Math.min(bytes.length, offset + length);
  }
  builder.add(bytes.subarray(offset));
  return builder.finish();
}

/** The hash of each chunk. */
function chunksOf({ hashes }: FileTree): Uint8Array[] {
  return Array.from({ length: hashes.length / 32 }, (_, index) => hashes.slice(index * 32, index * 32 + 32));
}

/** Lengths of up to ten chunks, and contents of which no two chunks are alike. */
const contentLength = fc.integer({ min: 0, max: 10 * CHUNK });
const contentOf = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => index ^ (index >>> 8) ^ (index >>> 16));
const sizeAndIndex = fc
  .oneof(fc.integer({ min: 0, max: MAX_SHARED_FILE_BYTES }), fc.integer({ min: 0, max: 20 * CHUNK }))
  .chain((sizeBytes) => fc.tuple(fc.constant(sizeBytes), fc.nat({ max: chunkCountOf(sizeBytes) - 1 })));

describe('the tree of a shared file', () => {
  it('has chunks as large as the size alone says', () => {
    const mib = KIB * KIB;
    const expected: [number, number][] = [
      [0, CHUNK],
      [64 * mib, CHUNK],
      [64 * mib + 1, 2 * CHUNK],
      [4_096 * mib, 4 * mib],
      [4_096 * mib + 1, 4 * mib],
      [MAX_SHARED_FILE_BYTES, 4 * mib],
    ];
    for (const [sizeBytes, chunkBytes] of expected) assert.equal(chunkBytesOf(sizeBytes), chunkBytes, `${sizeBytes}`);
    assert.equal(chunkCountOf(0), 1);
    assert.equal(chunkCountOf(64 * mib), 1_024);
    assert.equal(chunkCountOf(64 * mib + 1), 513);
  });

  it('has chunks that make up the file', () => {
    fc.assert(
      fc.property(sizeAndIndex, ([sizeBytes]) => {
        const count = chunkCountOf(sizeBytes);
        assert.equal((count - 1) * chunkBytesOf(sizeBytes) + chunkLengthOf(sizeBytes, count - 1), sizeBytes);
        assert.ok(chunkLengthOf(sizeBytes, count - 1) > 0 || sizeBytes === 0);
      }),
    );
  });

  it('is what its definition says, in whatever pieces the file comes', () => {
    fc.assert(
      fc.property(
        contentLength,
        fc.array(fc.integer({ min: 0, max: 3 * CHUNK }), { maxLength: 8 }),
        (length, pieces) => {
          const bytes = contentOf(length);
          assert.equal(toHex(treeOf(bytes, pieces).root), toHex(rootByDefinition(bytes)));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('tells a file from one with a byte more, less or changed', () => {
    const bytes = counting(3 * CHUNK);
    const roots = [bytes, bytes.subarray(1), counting(3 * CHUNK + 1), bytes.with(CHUNK, 7)].map((each) =>
      toHex(treeOf(each).root),
    );
    assert.equal(new Set(roots).size, 4);
  });

  it('takes as many bytes as were announced, and no others', () => {
    const builder = new FileTreeBuilder(crypto, 10);
    builder.add(new Uint8Array(9));
    assert.throws(() => builder.finish(), RangeError);
    assert.throws(() => builder.add(new Uint8Array(2)), RangeError);
    for (const size of [-1, 0.5, Number.NaN, MAX_SHARED_FILE_BYTES + 1])
      assert.throws(() => new FileTreeBuilder(crypto, size), RangeError);
  });
});

it('golden vectors: from the contents in the file', () => {
  const vectors = JSON.parse(readFileSync(new URL('../../vectors/file.json', import.meta.url), 'utf8'));
  for (const { content: made, hashes, root, link } of vectors) {
    const bytes = counting(made.counting);
    assert.equal(toHex(rootByDefinition(bytes)), root);
    const parsed = parseFileLink(link);
    assert.ok(parsed.ok);
    assert.equal(toHex(parsed.value.root), root);
    assert.equal(parsed.value.sizeBytes, bytes.length);
    assert.deepEqual(
      hashes.map((hash: string) => fromHex(hash)!),
      chunksOf(treeOf(bytes)),
    );
  }
});
