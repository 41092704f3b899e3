import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import {
  addressAt,
  blockCount,
  BlockListBuilder,
  fileSegments,
  levelShapes,
  LIST_ADDRESSES,
  MAX_FILE_BYTES,
  MAX_LEVELS,
  MAX_ROOTS,
  openListBlock,
  pathToAddress,
  readBlockList,
  writeBlockList,
} from '../../../src-main/core/publish/block-list.ts';
import type { BlockList, ListBlock } from '../../../src-main/core/publish/block-list.ts';
import { PIECE_BYTES } from '../../../src-main/core/publish/piece.ts';
import {
  codedCount,
  codedPosition,
  SegmentEncoder,
  segmentAt,
  segmentOf,
} from '../../../src-main/core/publish/segments.ts';
import { decode, encode } from '../../../src-main/core/wire/codec.ts';
import { contentAddress } from '../../../src-main/core/wire/record.ts';
import { createCombiner } from '../../../src-main/workers/coding/combiner.ts';
import { bytesOf, crypto, flipBit, random, sampleList } from './samples.ts';

const key = random.bytes(32);
const combiner = createCombiner();

function addressOf(position: number): Uint8Array {
  const address = new Uint8Array(32);
  new DataView(address.buffer).setFloat64(8, position);
  return address;
}

function build(pieces: number, least = 7) {
  const sizeBytes = pieces * PIECE_BYTES - 5;
  const builder = new BlockListBuilder(crypto, combiner, key, sizeBytes, least);
  const blocks = new Map<string, ListBlock>();
  for (let position = 0; position < codedCount(pieces, least); position += 1)
    for (const block of builder.push(addressOf(position))) blocks.set(toHex(block.address), block);
  return { list: builder.finish(), blocks };
}

/** As a reader does it: from the root, by the blocks that the addresses name. */
function follow(list: BlockList, blocks: ReadonlyMap<string, ListBlock>, level: number, position: number): Uint8Array {
  const { root, steps } = pathToAddress(list, level, position);
  let address = list.roots[root]!;
  for (const step of steps) {
    const block = blocks.get(toHex(address))!;
    assert.deepEqual([block.level, block.index], [step.level, step.index]);
    const opened = openListBlock(crypto, key, step, block.payload);
    assert.ok(opened.ok);
    address = addressAt(opened.value, step.position);
  }
  return address;
}

test('block lists: every address is found, at every edge of the shape', () => {
  const edges = [1, 2, 84, 85, 86, 127, 128, 129, 256, 681, 682, 683, 1_364, 57_900, 58_100];
  for (const [pieces, least] of [
    ...edges.map((edge) => [edge, 7] as const),
    [29, 99],
    [30, 99],
    [86, 0],
    [6_000, 99],
  ] as const) {
    const { list, blocks } = build(pieces, least);
    const shapes = levelShapes(list.sizeBytes, least);
    const addresses = codedCount(pieces, least);
    assert.equal(list.levels, shapes.length - 1);
    assert.ok(list.roots.length <= MAX_ROOTS);
    assert.equal(blocks.size + addresses, blockCount(list.sizeBytes, least));
    const asked = new Set([
      0,
      addresses - 1,
      random.below(addresses),
      ...[1, 127, 128, 1_022, 1_023, 1_024].filter((position) => position < addresses),
    ]);
    for (const position of asked)
      assert.deepEqual(follow(list, blocks, 0, position), addressOf(position), `${position} of ${addresses}`);
    for (const block of blocks.values()) assert.deepEqual(contentAddress(crypto, block.payload), block.address);
    // The list blocks of each level, with their check blocks, are what the level above leads to.
    for (let level = 1; level <= list.levels; level += 1) {
      const { blocks: count, addresses: coded } = shapes[level]!;
      const encoder = new SegmentEncoder(combiner, count, least);
      let position = 0;
      for (let index = 0; index < count; index += 1) {
        assert.equal(position, codedPosition(index, least));
        const block = blocks.get(toHex(follow(list, blocks, level, position)))!;
        assert.deepEqual([block.level, block.index], [level, index]);
        position += 1;
        for (const check of encoder.add(block.payload)) {
          assert.deepEqual(follow(list, blocks, level, position), contentAddress(crypto, check));
          assert.equal(blocks.get(toHex(contentAddress(crypto, check)))!.index, undefined);
          position += 1;
        }
      }
      assert.equal(position, coded);
    }
  }
});

test('block lists: shapes end, the roots are one segment, and three levels are enough for any file', () => {
  for (let least = 0; least <= 99; least += 1) {
    const sizes = [1, 2, 30, 85, 86, 128, 129, 1_000, 57_000, 59_000, 10 ** 6, 4 * 10 ** 7].map(
      (pieces) => pieces * PIECE_BYTES,
    );
    for (const sizeBytes of [...sizes, MAX_FILE_BYTES]) {
      const shapes = levelShapes(sizeBytes, least);
      assert.ok(shapes.length - 1 <= MAX_LEVELS);
      shapes.forEach(({ blocks, addresses }, level) => {
        assert.equal(addresses > MAX_ROOTS, level < shapes.length - 1);
        if (level > 0) assert.equal(blocks, Math.ceil(shapes[level - 1]!.addresses / LIST_ADDRESSES));
        const segments = Math.ceil(blocks / 128);
        let sum = 0;
        // Of long levels, the first and the last segment.
        for (const segment of new Set([0, segments - 1])) {
          const { first, data, check } = segmentAt(blocks, segment, least);
          assert.equal(check, Math.max(Math.ceil(data / 2), least));
          assert.ok(data + check <= 256);
          sum = first + data + check;
        }
        assert.equal(sum, addresses);
      });
      assert.ok(shapes.at(-1)!.blocks <= 128);
      const counted = fileSegments(sizeBytes, least).reduce(
        (sum, { data, check, count }) => sum + (data + check) * count,
        0,
      );
      assert.equal(counted, blockCount(sizeBytes, least));
    }
  }
  assert.equal(levelShapes(85 * PIECE_BYTES, 0).length, 1);
  assert.equal(levelShapes(86 * PIECE_BYTES, 0).length, 2);
  // What the plan of a publication rests on: a larger file never has fewer blocks.
  for (const least of [0, 7, 99]) {
    let before = 0;
    for (let pieces = 1; pieces < 3_000; pieces += 1) {
      const count = blockCount(pieces * PIECE_BYTES, least);
      assert.ok(count > before);
      before = count;
    }
  }
});

test('block lists: the builder gives blocks out as they fill', () => {
  const pieces = 2_000;
  const builder = new BlockListBuilder(crypto, combiner, key, pieces * PIECE_BYTES, 7);
  const addresses = codedCount(pieces, 7);
  assert.equal(addresses, 15 * 192 + 80 + 40);
  for (let position = 0; position < addresses; position += 1) {
    // The third list block is the last, and the segment of the three has seven check blocks.
    const expected = position === addresses - 1 ? 1 + 7 : (position + 1) % LIST_ADDRESSES === 0 ? 1 : 0;
    assert.equal(builder.push(addressOf(position)).length, expected);
  }
  const list = builder.finish();
  assert.deepEqual([list.levels, list.roots.length], [1, 10]);
  assert.throws(() => builder.push(addressOf(0)), RangeError);
});

test('block lists: the way to a block of a file too large to build', () => {
  const list = sampleList(MAX_FILE_BYTES, 7);
  const [pieces, first, second, third] = levelShapes(MAX_FILE_BYTES, 7);
  assert.equal(list.levels, 3);
  const last = pieces!.addresses - 1;
  assert.deepEqual(pathToAddress(list, 0, last), {
    root: third!.blocks - 1,
    steps: [
      { shape: second!, level: 3, blocks: third!, of: codedPosition(second!.blocks - 1, 7) },
      { shape: first!, level: 2, blocks: second!, of: codedPosition(first!.blocks - 1, 7) },
      { shape: pieces!, level: 1, blocks: first!, of: last },
    ].map(({ shape, level, blocks, of }) => ({
      level,
      index: blocks.blocks - 1,
      count: shape.addresses - (blocks.blocks - 1) * 1_023,
      position: of % 1_023,
    })),
  });
  // 1,023^2 addresses fill 1,023 list blocks, of which number 1,022 is address 7 x 192 + 126; the next is in the next.
  assert.deepEqual(pathToAddress(list, 0, 1_023 ** 2 + 5), {
    root: 0,
    steps: [
      { level: 3, index: 0, count: 1_023, position: 1 },
      { level: 2, index: 1, count: 1_023, position: 7 * 192 + 127 - 1_023 },
      { level: 1, index: 1_023, count: 1_023, position: 5 },
    ],
  });
  for (const position of [-1, last + 1, 0.5, Number.NaN])
    assert.throws(() => pathToAddress(list, 0, position), RangeError);
  assert.throws(() => pathToAddress(list, 4, 0), RangeError);
});

test('block lists: a list block of another place, length, key, or changed, is refused', () => {
  // 5 x 192 + 47 + 24 addresses.
  const { list, blocks } = build(687);
  const { steps } = pathToAddress(list, 0, 1_030);
  const step = steps[0]!;
  assert.deepEqual(step, { level: 1, index: 1, count: 8, position: 7 });
  const { payload } = blocks.get(toHex(list.roots[1]!))!;
  assert.ok(openListBlock(crypto, key, step, payload).ok);
  for (const change of [{ level: 2 }, { level: 0 }, { index: 0 }]) {
    assert.deepEqual(openListBlock(crypto, key, { ...step, ...change }, payload), { ok: false, code: 'bad-seal' });
  }
  assert.deepEqual(openListBlock(crypto, random.bytes(32), step, payload), { ok: false, code: 'bad-seal' });
  assert.deepEqual(openListBlock(crypto, key, { ...step, count: 7 }, payload), { ok: false, code: 'bad-padding' });
  for (let sample = 0; sample < 300; sample += 1) {
    assert.equal(openListBlock(crypto, key, step, flipBit(payload, random.below(payload.length * 8))).ok, false);
  }
});

test('block lists: encoding and decoding', () => {
  const read = (bytes: Uint8Array, size: number) => decode(bytes, (reader) => readBlockList(reader, size));
  for (const sizeBytes of [1, PIECE_BYTES + 1, 85 * PIECE_BYTES, 85 * PIECE_BYTES + 1, 5_000 * PIECE_BYTES]) {
    const list = sampleList(sizeBytes);
    const bytes = encode((writer) => writeBlockList(writer, list));
    assert.deepEqual(read(bytes, sizeBytes), { ok: true, value: list });
    assert.deepEqual(read(bytes, 0), { ok: false, code: 'not-canonical' });
    assert.deepEqual(read(bytes, MAX_FILE_BYTES + 1), { ok: false, code: 'too-long' });
    assert.deepEqual(read(bytes, sizeBytes + 2_000 * PIECE_BYTES), { ok: false, code: 'not-canonical' });
    const changed = (offset: number, value: number) => read(bytes.with(offset, value), sizeBytes);
    for (const coding of [0, 2, 255]) assert.deepEqual(changed(0, coding), { ok: false, code: 'unknown-value' });
    for (const least of [100, 255]) assert.deepEqual(changed(1, least), { ok: false, code: 'unknown-value' });
    assert.deepEqual(changed(1, 99), { ok: false, code: 'not-canonical' });
    assert.deepEqual(changed(2, list.levels + 1), { ok: false, code: 'not-canonical' });
    assert.equal(changed(3, 127).ok, false);
    assert.equal(changed(3, list.roots.length - 1).ok, false);
    const many = Uint8Array.of(1, 7, 0, 0x81, 0x01, ...new Uint8Array(129 * 32));
    assert.deepEqual(read(many, sizeBytes), { ok: false, code: 'too-long' });
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

test('block lists: what is no list is not written', () => {
  const list = sampleList(5_000 * PIECE_BYTES);
  for (const change of [
    { sizeBytes: 0 },
    { sizeBytes: MAX_FILE_BYTES + 1 },
    { least: 100 },
    { least: -1 },
    { least: 0.5 },
    { levels: 0 },
    { roots: list.roots.slice(1) },
  ])
    assert.throws(() => encode((writer) => writeBlockList(writer, { ...list, ...change })), RangeError);
});

test('block lists: the builder holds the caller to the size, and to addresses', () => {
  for (const [sizeBytes, least] of [
    [0, 7],
    [MAX_FILE_BYTES + 1, 7],
    [1, 100],
  ] as const)
    assert.throws(() => new BlockListBuilder(crypto, combiner, key, sizeBytes, least), RangeError);
  const builder = new BlockListBuilder(crypto, combiner, key, 1, 0);
  builder.push(fc.sample(bytesOf(32), 1)[0]!);
  assert.throws(() => builder.finish(), RangeError);
  assert.throws(() => builder.push(new Uint8Array(31)), RangeError);
  builder.push(fc.sample(bytesOf(32), 1)[0]!);
  assert.equal(builder.finish().roots.length, 2);
});

test('segments: every block has its place, check blocks between', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), fc.nat(99), (blocks, least) => {
      const segments = Array.from({ length: Math.ceil(blocks / 128) }, (_, at) => segmentAt(blocks, at, least));
      const order = segments.flatMap(({ data, check }, at) => [
        ...Array.from({ length: data }, (_, position) => at * 128 + position),
        ...Array.from({ length: check }, () => undefined),
      ]);
      assert.equal(order.length, codedCount(blocks, least));
      for (let index = 0; index < blocks; index += 1) assert.equal(order[codedPosition(index, least)], index);
      segments.forEach(({ first, data, check }, at) => {
        for (const position of [first, first + data - 1, first + data + check - 1])
          assert.equal(segmentOf(position, least), at);
      });
    }),
    { numRuns: 200 },
  );
  const encoder = new SegmentEncoder(combiner, 1, 3);
  assert.equal(encoder.add(random.bytes(32_768)).length, 3);
  assert.throws(() => encoder.add(random.bytes(32_768)), RangeError);
  assert.throws(() => new SegmentEncoder(combiner, 1, 100), RangeError);
});
