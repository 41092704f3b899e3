/** The tree of a shared file against its definition in docs/spec/search.md, written out here a second time. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../shared/base/bytes.ts';
import { parseFileLink } from '../../../shared/base/file-links.ts';
import { MAX_SHARED_FILE_BYTES } from '../../../src-main/core/limits.ts';
import {
  chunkBytesOf,
  chunkCountOf,
  chunkLengthOf,
  decodeProof,
  encodeProof,
  FileTreeBuilder,
  makeProof,
  verifyChunk,
} from '../../../src-main/core/transfer/tree.ts';
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

  it('proves each chunk, and nothing else in its place', () => {
    fc.assert(
      fc.property(contentLength, fc.nat(), fc.nat(), (length, chosen, flipped) => {
        const bytes = contentOf(length);
        const { root, hashes } = treeOf(bytes);
        const index = chosen % chunkCountOf(bytes.length);
        const start = index * CHUNK;
        const chunk = bytes.slice(start, start + chunkLengthOf(bytes.length, index));
        const proof = makeProof(crypto, hashes, bytes.length, index);
        assert.ok(verifyChunk(crypto, root, proof, chunk));
        assert.ok(!verifyChunk(crypto, root, { ...proof, sizeBytes: bytes.length + 1 }, chunk));
        assert.ok(!verifyChunk(crypto, root, { ...proof, index: index + 1 }, chunk));
        assert.ok(!verifyChunk(crypto, root.with(flipped % 32, root[flipped % 32]! ^ 1), proof, chunk));
        if (chunk.length > 0) {
          const place = flipped % chunk.length;
          assert.ok(!verifyChunk(crypto, root, proof, chunk.with(place, chunk[place]! ^ 1)));
          assert.ok(!verifyChunk(crypto, root, proof, chunk.subarray(1)));
        }
        if (proof.siblings.length > 0) {
          assert.ok(!verifyChunk(crypto, root, { ...proof, siblings: proof.siblings.slice(1) }, chunk));
          const place = flipped % proof.siblings.length;
          const siblings = proof.siblings.with(place, proof.siblings[place]! ^ 1);
          assert.ok(!verifyChunk(crypto, root, { ...proof, siblings }, chunk));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('never throws for a proof from outside', () => {
    const number = fc.oneof(fc.integer(), fc.double(), fc.constant(Number.NaN));
    fc.assert(
      fc.property(number, number, fc.uint8Array({ maxLength: 100 }), (sizeBytes, index, siblings) => {
        const isTrue = verifyChunk(crypto, counting(32), { sizeBytes, index, siblings }, new Uint8Array(1));
        assert.equal(isTrue, false);
      }),
    );
  });
});

describe('the encoding of a proof', () => {
  const proofs = sizeAndIndex.map(([sizeBytes, index]) => {
    // As long as it has to be; what is in it does not matter to the encoding.
    let count = 0;
    for (let [width, place] = [chunkCountOf(sizeBytes), index]; width > 1; width = Math.ceil(width / 2)) {
      if (place % 2 === 1 || place + 1 < width) count += 1;
      place = Math.floor(place / 2);
    }
    return { sizeBytes, index, siblings: counting(count * 32) };
  });

  it('gives back what was encoded, in one way only', () => {
    fc.assert(
      fc.property(proofs, (proof) => {
        const bytes = encodeProof(proof);
        const decoded = decodeProof(bytes);
        assert.ok(decoded.ok);
        assert.deepEqual({ ...decoded.value }, proof);
        assert.ok(bytes.length <= 8 + 3 + 18 * 32);
        assert.equal(decodeProof(new Uint8Array([...bytes, 0])).ok, false);
        assert.equal(decodeProof(bytes.subarray(0, -1)).ok, false);
      }),
    );
  });

  it('takes nothing from outside that it would not write', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => {
        const decoded = decodeProof(bytes);
        if (decoded.ok) assert.deepEqual(encodeProof(decoded.value), bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses a file larger than any, a chunk behind the last, and integers that are too long', () => {
    assert.deepEqual(decodeProof(encodeProof({ sizeBytes: 0, index: 0, siblings: new Uint8Array() })).ok, true);
    assert.deepEqual(decodeProof(fromHex('0001')!), { ok: false, code: 'too-long' });
    assert.deepEqual(decodeProof(fromHex('8000' + '00')!), { ok: false, code: 'non-minimal' });
    assert.deepEqual(decodeProof(fromHex('818080808040' + '00')!), { ok: false, code: 'too-long' });
  });
});

it('golden vectors: from the contents in the file', () => {
  const vectors = JSON.parse(readFileSync(new URL('../../vectors/file.json', import.meta.url), 'utf8'));
  for (const { content: made, hashes, root, link, proof } of vectors) {
    const bytes = counting(made.counting);
    assert.equal(toHex(rootByDefinition(bytes)), root);
    const parsed = parseFileLink(link);
    assert.ok(parsed.ok);
    assert.equal(toHex(parsed.value.root), root);
    assert.equal(parsed.value.sizeBytes, bytes.length);
    const decoded = decodeProof(fromHex(proof)!);
    assert.ok(decoded.ok);
    const last = bytes.subarray((hashes.length - 1) * CHUNK);
    assert.ok(verifyChunk(crypto, fromHex(root)!, decoded.value, last));
  }
});
