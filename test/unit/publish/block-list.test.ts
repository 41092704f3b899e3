import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import {
  addressAt,
  blockCount,
  BlockListBuilder,
  LIST_ADDRESSES,
  MAX_FILE_BYTES,
  MAX_ROOTS,
  openListBlock,
  pathToPiece,
  readBlockList,
  writeBlockList,
} from '../../../src-main/core/publish/block-list.ts';
import type { BlockList, ListBlock } from '../../../src-main/core/publish/block-list.ts';
import { PIECE_BYTES } from '../../../src-main/core/publish/piece.ts';
import { decode, encode } from '../../../src-main/core/wire/codec.ts';
import { contentAddress } from '../../../src-main/core/wire/record.ts';
import { bytesOf, crypto, flipBit, random, sampleList } from './samples.ts';

const key = random.bytes(32);

function addressOf(piece: number): Uint8Array {
  const address = new Uint8Array(32);
  new DataView(address.buffer).setFloat64(8, piece);
  return address;
}

function build(pieces: number) {
  const builder = new BlockListBuilder(crypto, key);
  const blocks = new Map<string, ListBlock>();
  const keep = (list: readonly ListBlock[]) =>
    list.forEach((block) => blocks.set(Buffer.from(block.address).toString('hex'), block));
  for (let piece = 0; piece < pieces; piece += 1) keep(builder.push(addressOf(piece)));
  const { list, blocks: last } = builder.finish(pieces * PIECE_BYTES - 5);
  keep(last);
  return { list, blocks };
}

/** As a reader does it: from the root, by the blocks that the addresses name. */
function follow(list: BlockList, blocks: ReadonlyMap<string, ListBlock>, piece: number): Uint8Array {
  const { root, steps } = pathToPiece(list, piece);
  let address = list.roots[root]!;
  for (const step of steps) {
    const block = blocks.get(Buffer.from(address).toString('hex'))!;
    assert.deepEqual([block.level, block.index], [step.level, step.index]);
    const opened = openListBlock(crypto, key, step, block.payload);
    assert.ok(opened.ok);
    address = addressAt(opened.value, step.position);
  }
  return address;
}

test('block lists: every piece is found, at every edge of the shape', () => {
  const edges = [1, 2, 31, 32, 33, 1_022, 1_023, 1_024, 2_046, 2_047, 32 * 1_023, 32 * 1_023 + 1];
  for (const pieces of edges) {
    const { list, blocks } = build(pieces);
    assert.equal(list.levels, pieces <= MAX_ROOTS ? 0 : pieces <= MAX_ROOTS * LIST_ADDRESSES ? 1 : 2);
    assert.ok(list.roots.length <= MAX_ROOTS);
    assert.equal(blocks.size + pieces, blockCount(list.sizeBytes));
    const asked = new Set([
      0,
      pieces - 1,
      ...[1, 31, 32, 1_022, 1_023].filter((piece) => piece < pieces),
      random.below(pieces),
    ]);
    for (const piece of asked) assert.deepEqual(follow(list, blocks, piece), addressOf(piece), `${piece} of ${pieces}`);
    for (const block of blocks.values()) assert.deepEqual(contentAddress(crypto, block.payload), block.address);
  }
});

test('block lists: the builder gives blocks out as they fill', () => {
  const builder = new BlockListBuilder(crypto, key);
  for (let piece = 0; piece < 3 * LIST_ADDRESSES; piece += 1) {
    const expected = (piece + 1) % LIST_ADDRESSES === 0 ? 1 : 0;
    assert.equal(builder.push(addressOf(piece)).length, expected);
  }
  const { list, blocks } = builder.finish(3 * LIST_ADDRESSES * PIECE_BYTES);
  assert.deepEqual([list.levels, list.roots.length, blocks.length], [1, 3, 0]);
});

test('block lists: the way to a piece of a file too large to build', () => {
  const sizeBytes = MAX_FILE_BYTES;
  const list: BlockList = {
    sizeBytes,
    coding: 0,
    levels: 3,
    roots: Array.from({ length: 32 }, () => new Uint8Array(32)),
  };
  const last = MAX_FILE_BYTES / PIECE_BYTES - 1;
  assert.deepEqual(pathToPiece(list, last), {
    root: 31,
    steps: [3, 2, 1].map((level) => ({ level, index: 32 * 1_023 ** (3 - level) - 1, count: 1_023, position: 1_022 })),
  });
  assert.deepEqual(pathToPiece(list, 1_023 ** 2 + 5), {
    root: 0,
    steps: [
      { level: 3, index: 0, count: 1_023, position: 1 },
      { level: 2, index: 1, count: 1_023, position: 0 },
      { level: 1, index: 1_023, count: 1_023, position: 5 },
    ],
  });
  for (const piece of [-1, last + 1, 0.5]) assert.throws(() => pathToPiece(list, piece), RangeError);
});

test('block lists: a list block of another place, length, key, or changed, is refused', () => {
  const { list, blocks } = build(1_030);
  const { steps } = pathToPiece(list, 1_029);
  const step = steps[0]!;
  assert.deepEqual(step, { level: 1, index: 1, count: 7, position: 6 });
  const { payload } = blocks.get(Buffer.from(list.roots[1]!).toString('hex'))!;
  assert.ok(openListBlock(crypto, key, step, payload).ok);
  for (const change of [{ level: 2 }, { level: 0 }, { index: 0 }]) {
    assert.deepEqual(openListBlock(crypto, key, { ...step, ...change }, payload), { ok: false, code: 'bad-seal' });
  }
  assert.deepEqual(openListBlock(crypto, random.bytes(32), step, payload), { ok: false, code: 'bad-seal' });
  assert.deepEqual(openListBlock(crypto, key, { ...step, count: 6 }, payload), { ok: false, code: 'bad-padding' });
  for (let sample = 0; sample < 300; sample += 1) {
    assert.equal(openListBlock(crypto, key, step, flipBit(payload, random.below(payload.length * 8))).ok, false);
  }
});

test('block lists: encoding and decoding', () => {
  const read = (bytes: Uint8Array, size: number) => decode(bytes, (reader) => readBlockList(reader, size));
  for (const sizeBytes of [1, PIECE_BYTES + 1, 32 * PIECE_BYTES, 32 * PIECE_BYTES + 1, 5_000 * PIECE_BYTES]) {
    const list = sampleList(sizeBytes);
    const bytes = encode((writer) => writeBlockList(writer, list));
    assert.deepEqual(read(bytes, sizeBytes), { ok: true, value: list });
    assert.deepEqual(read(bytes, 0), { ok: false, code: 'not-canonical' });
    assert.deepEqual(read(bytes, MAX_FILE_BYTES + 1), { ok: false, code: 'too-long' });
    assert.deepEqual(read(bytes, sizeBytes + 4 * 1_023 * PIECE_BYTES), { ok: false, code: 'not-canonical' });
    const changed = (offset: number, value: number) => read(bytes.with(offset, value), sizeBytes);
    assert.deepEqual(changed(0, 1), { ok: false, code: 'unknown-value' }, 'Reed-Solomon is not read yet');
    assert.deepEqual(changed(1, list.levels + 1), { ok: false, code: 'not-canonical' });
    assert.deepEqual(changed(2, 33), { ok: false, code: 'too-long' });
    assert.equal(changed(2, list.roots.length - 1).ok, false);
    assert.deepEqual(read(Uint8Array.of(...bytes, 0), sizeBytes), { ok: false, code: 'trailing' });
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(3_000_000), (bytes, sizeBytes) => {
      const list = read(bytes, sizeBytes);
      if (list.ok)
        assert.ok(
          bytesEqual(
            encode((writer) => writeBlockList(writer, list.value)),
            bytes,
          ),
        );
    }),
    { numRuns: 1_000 },
  );
});

test('block lists: the builder holds the caller to the size, and to addresses', () => {
  const builder = new BlockListBuilder(crypto, key);
  assert.throws(() => builder.finish(0), RangeError);
  builder.push(fc.sample(bytesOf(32), 1)[0]!);
  assert.throws(() => builder.finish(PIECE_BYTES + 1), RangeError);
  assert.throws(() => builder.push(new Uint8Array(31)), RangeError);
  assert.equal(builder.finish(1).list.roots.length, 1);
});
