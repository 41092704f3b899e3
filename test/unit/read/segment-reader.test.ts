import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import type { BlockStore, StoreEntry } from '../../../src-main/core/ports.ts';
import { levelShapes, LIST_ADDRESSES } from '../../../src-main/core/publish/block-list.ts';
import { PIECE_BYTES } from '../../../src-main/core/publish/piece.ts';
import { segmentAt } from '../../../src-main/core/publish/segments.ts';
import { Window } from '../../../src-main/services/flow/window.ts';
import { BlockFetcher } from '../../../src-main/services/read/block-fetcher.ts';
import type { ReadDeps } from '../../../src-main/services/read/block-fetcher.ts';
import { gather } from '../../../src-main/services/read/gather.ts';
import { PublicationReader } from '../../../src-main/services/read/publication-reader.ts';
import { collect } from '../../support/publication-builder.ts';
import type { BuildOptions, BuiltPublication } from '../../support/publication-builder.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { blockAddress, createWorld, crypto, pattern, withCode } from './world.ts';
import type { World } from './world.ts';

/** Where the blocks of a segment stand in what was built. */
interface BuiltSegment {
  readonly data: number;
  readonly check: number;
  readonly blocks: readonly number[];
}

async function publish(content: Uint8Array, more: Partial<BuildOptions> = {}, deps?: (world: World) => ReadDeps) {
  const world = createWorld();
  const built = world.publish({ files: { 'a.bin': content }, k: 1, n: 1, ...more });
  const reader = new PublicationReader(deps?.(world) ?? world.deps, await gather(world.deps, built.link));
  return { world, built, reader, file: reader.file('a.bin')! };
}

/** Of a file of one level of lists at most, as the builder puts its blocks out: list blocks when they are full. */
function segmentsOf(sizeBytes: number, least: number): BuiltSegment[] {
  const [pieces, lists] = levelShapes(sizeBytes, least);
  const places: [number[], number[]] = [[], []];
  let next = 0;
  for (let address = 0; address < pieces!.addresses; address += 1) {
    places[0].push(next);
    next += 1;
    if (lists === undefined || ((address + 1) % LIST_ADDRESSES !== 0 && address + 1 < pieces!.addresses)) continue;
    places[1].push(next);
    next += 1;
  }
  // The check blocks of lists come last.
  while (lists !== undefined && places[1].length < lists.addresses) places[1].push(next++);
  return [pieces!, ...(lists === undefined ? [] : [lists])].flatMap(({ blocks }, level) =>
    Array.from({ length: Math.ceil(blocks / 128) }, (_, number) => {
      const { first, data, check } = segmentAt(blocks, number, least);
      return { data, check, blocks: places[level]!.slice(first, first + data + check) };
    }),
  );
}

function lose(world: World, built: BuiltPublication, blocks: readonly number[]): void {
  for (const block of blocks) world.network.lose(blockAddress(built.blocks[block]!));
}

/** `count` of them, at random. */
function some(items: readonly number[], count: number, random = seededRandom(count)): number[] {
  const left = [...items];
  return Array.from({ length: count }, () => left.splice(random.below(left.length), 1)[0]!);
}

describe('as many blocks as a segment has check blocks may be missing', () => {
  for (const [pieces, k, n] of [
    [1, 3, 10],
    [5, 3, 10],
    [40, 1, 1],
    [90, 3, 10],
    [128, 1, 1],
    [129, 3, 10],
    [300, 1, 1],
    [700, 3, 10],
    [3, 1, 100],
  ] as const) {
    it(`of ${pieces} pieces, ${k} of ${n}, of each level`, async () => {
      const content = pattern(pieces * PIECE_BYTES - 3);
      const { world, built, reader, file } = await publish(content, { k, n });
      const segments = segmentsOf(content.length, n - k);
      assert.equal(segments.flatMap(({ blocks }) => blocks).length, built.blocks.length);
      for (const { blocks, check } of segments) lose(world, built, some(blocks, check));
      const before = world.network.requestCount;
      assert.ok(bytesEqual(await collect(reader.whole(file)), content));
      // No block is asked for twice, but for pieces that had left the memory of those that were read last.
      const asked = world.network.requestCount - before;
      assert.ok(asked <= 2 * built.blocks.length, `${asked} requests for ${built.blocks.length} blocks`);
    });
  }

  it('the first ones, all data, or the last ones', async () => {
    const content = pattern(130 * PIECE_BYTES);
    for (const end of [0, 1]) {
      const { world, built, reader, file } = await publish(content);
      for (const { blocks, check } of segmentsOf(content.length, 0)) {
        lose(world, built, end === 0 ? blocks.slice(0, check) : blocks.slice(-check));
      }
      assert.ok(bytesEqual(await collect(reader.whole(file)), content));
      const from = 127 * PIECE_BYTES + 5;
      assert.ok(
        bytesEqual(await collect(reader.range(file, from, from + 40_000)), content.subarray(from, from + 40_000)),
      );
    }
  });

  it('whichever they are, for any range', async () => {
    const content = pattern(200 * PIECE_BYTES + 100);
    const segments = segmentsOf(content.length, 7);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(0xffff),
        fc.nat(content.length),
        fc.integer({ min: 1, max: 200_000 }),
        async (seed, start, length) => {
          const { world, built, reader, file } = await publish(content, { k: 3, n: 10 });
          const random = seededRandom(seed);
          for (const { blocks, check } of segments) lose(world, built, some(blocks, random.below(check + 1), random));
          const end = Math.min(content.length, start + length);
          assert.ok(bytesEqual(await collect(reader.range(file, start, end)), content.subarray(start, end)));
        },
      ),
      { numRuns: 6 },
    );
  });

  it('one more is named, in data and in lists', async () => {
    const content = pattern(150 * PIECE_BYTES);
    const segments = segmentsOf(content.length, 7);
    assert.equal(segments.length, 3);
    for (const [number, { blocks, check }] of segments.entries()) {
      const { world, built, reader, file } = await publish(content, { k: 3, n: 10 });
      lose(world, built, blocks.slice(0, check + 1));
      const block = ['block 1 of 150', 'block 129 of 150', 'list block 1'][number]!;
      await assert.rejects(collect(reader.whole(file)), withCode('not-found', block, '“a.bin”'));
    }
  });
});

describe('what it costs', () => {
  it('a missing block and its neighbours: each of the segment once', async () => {
    const { world, built, reader, file } = await publish(pattern(100 * PIECE_BYTES));
    lose(world, built, [3, 50, 51, 99]);
    await collect(reader.range(file, 0, 1));
    const before = world.network.requests.length;
    await collect(reader.whole(file));
    const asked = new Map<string, number>();
    for (const { address } of world.network.requests.slice(before)) {
      asked.set(toHex(address), (asked.get(toHex(address)) ?? 0) + 1);
    }
    // 96 pieces and four check blocks, and nothing for what is missing after the first of them.
    assert.ok(asked.size <= 96 + 4 + 4, String(asked.size));
    assert.ok([...asked.values()].every((count) => count === 1));
  });

  it('nothing, the second time, when what was opened is kept', async () => {
    const entries = new Map<string, StoreEntry>();
    const opened: Pick<BlockStore, 'get' | 'put'> = {
      get: async (address) => entries.get(toHex(address))?.record,
      put: async (entry) => {
        entries.set(toHex(entry.address), entry);
        return 'stored';
      },
    };
    const content = pattern(20 * PIECE_BYTES);
    const { world, built, reader, file } = await publish(content, {}, ({ deps }) => ({
      ...deps,
      opened: opened as BlockStore,
    }));
    lose(world, built, [0, 7, 19]);
    assert.ok(bytesEqual(await collect(reader.whole(file)), content));
    for (const block of [0, 7, 19]) assert.ok(entries.has(toHex(blockAddress(built.blocks[block]!))));
    const again = new PublicationReader(
      { ...world.deps, opened: opened as BlockStore },
      await gather(world.deps, built.link),
    );
    const before = world.network.requestCount;
    assert.ok(bytesEqual(await collect(again.whole(file)), content));
    assert.equal(world.network.requestCount, before);
  });

  it('no memory when nobody reads, and two segments at most while somebody does', async () => {
    const { world, built, reader, file } = await publish(pattern(400 * PIECE_BYTES));
    for (const { blocks, check } of segmentsOf(file.sizeBytes, 0)) lose(world, built, some(blocks, check));
    const { segments } = reader.blocksOf(file)!.reader.lists;
    let most = 0;
    for await (const _ of reader.whole(file)) most = Math.max(most, segments.held);
    assert.ok(most > 128 && most <= 256, String(most));
    assert.equal(segments.held, 0);
  });

  it('a network that is busy is not asked for more', async () => {
    const { world, reader, file } = await publish(pattern(3 * PIECE_BYTES));
    world.network.options.refuseRequest = () => 'busy';
    const before = world.network.requests.length;
    await assert.rejects(collect(reader.range(file, 0, 1)), withCode('busy', 'block 1 of 3'));
    const addresses = new Set(world.network.requests.slice(before).map(({ address }) => toHex(address)));
    assert.equal(addresses.size, 1);
  });
});

describe('in hard times', () => {
  it('blocks that come only now and then are had all the same', async () => {
    const content = pattern(30 * PIECE_BYTES);
    const { world, built, reader, file } = await publish(content);
    lose(world, built, [1, 2, 3]);
    const random = seededRandom(5);
    world.network.options.refuseRequest = () =>
      random.below(10) < 3 ? (['timeout', 'not-found', 'busy'] as const)[random.below(3)] : undefined;
    assert.ok(bytesEqual(await collect(reader.whole(file)), content));
  });

  it('many readers of one publication at once', async () => {
    const content = pattern(140 * PIECE_BYTES);
    const { world, built, reader, file } = await publish(content);
    for (const { blocks, check } of segmentsOf(content.length, 0)) lose(world, built, some(blocks, check));
    const window = new Window();
    const reads = Array.from({ length: 12 }, async (_, at) => {
      const start = at * 10 * PIECE_BYTES;
      const bytes = await collect(reader.range(file, start, start + 20 * PIECE_BYTES, { window }));
      assert.ok(bytesEqual(bytes, content.subarray(start, start + 20 * PIECE_BYTES)));
    });
    await Promise.all(reads);
    assert.equal(window.held, 0);
  });

  it('one that stops ends at once, and does not stop another that waits for the same segment', async () => {
    const content = pattern(20 * PIECE_BYTES);
    const { world, built, reader, file } = await publish(content);
    lose(world, built, [0]);
    const gate = Promise.withResolvers<void>();
    const recovering = Promise.withResolvers<void>();
    const check = blockAddress(built.blocks[20]!);
    world.network.options.delayRequest = ({ address }) => {
      if (!bytesEqual(address, check)) return undefined;
      recovering.resolve();
      return gate.promise;
    };
    const abort = new AbortController();
    const window = new Window();
    const first = collect(reader.range(file, 0, 1, { signal: abort.signal, window }));
    await recovering.promise;
    const second = collect(reader.range(file, 0, 100));
    abort.abort();
    await assert.rejects(first, withCode('cancelled'));
    assert.equal(window.held, 0);
    gate.resolve();
    assert.ok(bytesEqual(await second, content.subarray(0, 100)));
  });

  it('check blocks that were wrong when they were published are found out', async () => {
    const content = pattern(4 * PIECE_BYTES);
    const { world, built, reader, file } = await publish(content, { wrongChecks: { 'a.bin': 0 } });
    assert.ok(bytesEqual(await collect(reader.whole(file)), content));
    lose(world, built, [2]);
    const fresh = new PublicationReader(world.deps, await gather(world.deps, built.link));
    await assert.rejects(collect(fresh.whole(file)), withCode('damaged', '“a.bin”', 'publisher'));
  });

  it('the blocks that are made are those that were published', async () => {
    const content = pattern(2 * PIECE_BYTES);
    const { world, built, reader, file } = await publish(content, { k: 2, n: 4 });
    lose(world, built, [0, 1]);
    const blocks = reader.blocksOf(file)!;
    const made = await blocks.reader.lists.segments.recover(blocks.content, 0, 0, { priority: 'bulk' });
    assert.deepEqual(
      made.map((payload) => toHex(crypto.hash('content', payload))),
      built.blocks.slice(0, 2).map((record) => toHex(blockAddress(record))),
    );
  });
});

describe('slow blocks', () => {
  /** These blocks never come; whoever gives up on them is told so. */
  function stall(world: World, built: BuiltPublication, blocks: readonly number[]): void {
    const slow = new Set(blocks.map((block) => toHex(blockAddress(built.blocks[block]!))));
    world.network.options.delayRequest = ({ address }) =>
      slow.has(toHex(address)) ? new Promise<void>(() => {}) : undefined;
  }

  it('are made of others, in the middle of a file and among its first', async () => {
    const content = pattern(300 * PIECE_BYTES);
    const { world, built, reader, file } = await publish(content);
    const [first, second] = segmentsOf(content.length, 0);
    stall(world, built, [first!.blocks[3]!, ...some(second!.blocks.slice(0, second!.data), 20)]);
    const before = world.network.requestCount;
    assert.ok(bytesEqual(await collect(reader.whole(file)), content));
    // Each block once, check blocks in place of the slow ones, and lists.
    assert.ok(
      world.network.requestCount - before <= 300 + 2 * 21 + 2,
      `${world.network.requestCount - before} requests`,
    );
    assert.equal(world.network.inFlight, 0, 'what is slow is given up');
  });

  it('that come after all are taken as they come when too few others are there', async () => {
    const content = pattern(40 * PIECE_BYTES);
    const { world, built, reader, file } = await publish(content);
    const [segment] = segmentsOf(content.length, 0);
    lose(world, built, segment!.blocks.slice(40));
    const slow = toHex(blockAddress(built.blocks[5]!));
    world.network.options.delayRequest = ({ address }) =>
      toHex(address) === slow
        ? new Promise<void>((resolve) => void world.deps.clock.after(20_000, () => resolve()))
        : undefined;
    assert.ok(bytesEqual(await collect(reader.whole(file)), content));
  });

  it('are waited for when nothing else is wanted', async () => {
    const content = pattern(40 * PIECE_BYTES);
    const { world, built } = await publish(content);
    const fetcher = new BlockFetcher(world.deps, { hedge: false });
    const reader = new PublicationReader(world.deps, await gather(world.deps, built.link), fetcher);
    stall(world, built, [5]);
    const abort = new AbortController();
    world.deps.clock.after(60_000, () => abort.abort());
    await assert.rejects(collect(reader.whole(reader.file('a.bin')!, { signal: abort.signal })), withCode('cancelled'));
  });
});
