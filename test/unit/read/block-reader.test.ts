import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import type { BlockStore, StoreEntry } from '../../../src-main/core/ports.ts';
import { LIST_ADDRESSES, levelShapes, pathToAddress } from '../../../src-main/core/publish/block-list.ts';
import { PIECE_BYTES, pieceCount, pieceLength, sealBlock } from '../../../src-main/core/publish/piece.ts';
import { codedPosition } from '../../../src-main/core/publish/segments.ts';
import { encodeRecord, KIND_CONTENT } from '../../../src-main/core/wire/record.ts';
import { BlockFetcher, MAX_NOT_FOUND_TRIES, MAX_TRIES } from '../../../src-main/services/read/block-fetcher.ts';
import type { ReadDeps } from '../../../src-main/services/read/block-fetcher.ts';
import { BlockReader, INTERACTIVE_PIECES } from '../../../src-main/services/read/block-reader.ts';
import { gather } from '../../../src-main/services/read/gather.ts';
import { MAX_CACHED_LISTS } from '../../../src-main/services/read/list-reader.ts';
import { PublicationReader } from '../../../src-main/services/read/publication-reader.ts';
import { FIRST_WINDOW, MAX_WINDOW, Window } from '../../../src-main/services/flow/window.ts';
import { collect } from '../../support/publication-builder.ts';
import type { BuildOptions } from '../../support/publication-builder.ts';
import { blockAddress, createWorld, crypto, pattern, withCode } from './world.ts';
import type { World } from './world.ts';

async function opened(
  world: World,
  files: BuildOptions['files'],
  more: Partial<BuildOptions> = {},
  deps: ReadDeps = world.deps,
) {
  const built = world.publish({ files, k: 1, n: 1, ...more });
  const reader = new PublicationReader(deps, await gather(world.deps, built.link));
  return { built, reader };
}

describe('a file', () => {
  for (const size of [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 40 * PIECE_BYTES + 17]) {
    for (const inlineBytes of [0, 20_000]) {
      it(`of ${size} bytes, inline up to ${inlineBytes}, is read to the byte`, async () => {
        const content = pattern(size);
        const { reader } = await opened(createWorld(), { 'a.bin': content }, { inlineBytes });
        const file = reader.file('a.bin')!;
        assert.ok(bytesEqual(await collect(reader.whole(file)), content));
        assert.ok(bytesEqual(await collect(reader.range(file)), content));
      });
    }
  }

  it('gives any range as the slice of the whole', async () => {
    const content = pattern(50 * PIECE_BYTES + 100);
    const { reader } = await opened(
      createWorld(),
      { 'a.bin': content, 'b.txt': pattern(5_000) },
      { inlineBytes: 5_000 },
    );
    const position = fc.oneof(
      fc.integer({ min: 0, max: content.length }),
      fc
        .integer({ min: 0, max: 50 })
        .chain((piece) => fc.integer({ min: -2, max: 2 }).map((off) => Math.max(0, piece * PIECE_BYTES + off))),
    );
    await fc.assert(
      fc.asyncProperty(position, position, async (a, b) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        const bytes = await collect(reader.range(reader.file('a.bin')!, start, end));
        assert.ok(bytesEqual(bytes, content.subarray(start, end)));
        const small = await collect(
          reader.range(reader.file('b.txt')!, start % 5_001, Math.max(start % 5_001, end % 5_001)),
        );
        assert.ok(bytesEqual(small, pattern(5_000).subarray(start % 5_001, Math.max(start % 5_001, end % 5_001))));
      }),
      { numRuns: 60 },
    );
  });

  it('has no ranges outside of it', async () => {
    const { reader } = await opened(
      createWorld(),
      { 'a.bin': pattern(100), 'b.bin': pattern(10) },
      { inlineBytes: 10 },
    );
    for (const path of ['a.bin', 'b.bin']) {
      for (const [start, end] of [
        [-1, 5],
        [0, 101],
        [6, 5],
        [0.5, 2],
      ] as const) {
        await assert.rejects(collect(reader.range(reader.file(path)!, start, end)), RangeError);
      }
    }
  });

  it('fetches for a range only what it needs', async () => {
    const world = createWorld();
    const { reader } = await opened(world, { 'a.bin': pattern(100 * PIECE_BYTES) });
    const before = world.network.requestCount;
    await collect(reader.range(reader.file('a.bin')!, 20 * PIECE_BYTES + 5, 21 * PIECE_BYTES + 5));
    // Two pieces and the one list block that both are in.
    assert.equal(world.network.requestCount - before, 3);
    await collect(reader.range(reader.file('a.bin')!, 30 * PIECE_BYTES, 30 * PIECE_BYTES + 1));
    assert.equal(world.network.requestCount - before, 4);
  });
});

describe('lists of three levels', () => {
  it('lead to any piece of 128 TiB', async () => {
    const world = createWorld();
    const key = world.deps.random.bytes(32);
    const sizeBytes = 2 ** 47 - 11;
    const listKey = crypto.hash('list key', key);
    const put = (payload: Uint8Array): Uint8Array => world.network.put(encodeRecord({ kind: KIND_CONTENT, payload }));
    for (const piece of [0, 123_456_789, pieceCount(sizeBytes) - 1]) {
      const length = pieceLength(sizeBytes, piece);
      const content = pattern(length, piece);
      const { addresses } = levelShapes(sizeBytes, 7)[3]!;
      const roots = Array.from({ length: addresses }, (): Uint8Array => new Uint8Array(32));
      const { root, steps } = pathToAddress({ sizeBytes, least: 7, levels: 3, roots }, 0, codedPosition(piece, 7));
      assert.equal(steps.length, 3);
      let address = put(sealBlock(crypto, key, 0, piece, content));
      for (const step of steps.toReversed()) {
        const addresses = world.deps.random.bytes(step.count * 32);
        addresses.set(address, step.position * 32);
        address = put(sealBlock(crypto, listKey, step.level, step.index, addresses));
      }
      const reader = new BlockReader(world.deps, new BlockFetcher(world.deps));
      const list = { sizeBytes, least: 7, levels: 3, roots: roots.with(root, address) };
      const bytes = await collect(
        reader.range({ name: 'big', key, list }, piece * PIECE_BYTES + 1, piece * PIECE_BYTES + length),
      );
      assert.ok(bytesEqual(bytes, content.subarray(1)));
    }
  });

  it('are kept up to a bound', async () => {
    const world = createWorld();
    const key = world.deps.random.bytes(32);
    const put = (payload: Uint8Array): Uint8Array => world.network.put(encodeRecord({ kind: KIND_CONTENT, payload }));
    // 85 list blocks, 43 check blocks for them and no level above; only those blocks exist that are asked for.
    const sizeBytes = 57_600 * PIECE_BYTES;
    const [pieces, lists] = levelShapes(sizeBytes, 0);
    assert.deepEqual([lists!.blocks, lists!.addresses], [85, 128]);
    assert.ok(lists!.blocks > MAX_CACHED_LISTS);
    const asked: number[] = [];
    const roots = Array.from({ length: 85 }, (_, index) => {
      // The first piece of the first segment that begins in this list block.
      const segment = Math.ceil((index * LIST_ADDRESSES) / 192);
      asked.push(segment * 128);
      const count = Math.min(LIST_ADDRESSES, pieces!.addresses - index * LIST_ADDRESSES);
      const addresses = world.deps.random.bytes(count * 32);
      const content = put(sealBlock(crypto, key, 0, segment * 128, pattern(PIECE_BYTES, index)));
      addresses.set(content, (segment * 192 - index * LIST_ADDRESSES) * 32);
      return put(sealBlock(crypto, crypto.hash('list key', key), 1, index, addresses));
    });
    const list = { sizeBytes, least: 0, levels: 1, roots: [...roots, ...roots.slice(0, 43)] };
    const reader = new BlockReader(world.deps, new BlockFetcher(world.deps));
    for (const [index, piece] of asked.entries()) {
      const bytes = await collect(
        reader.range({ name: 'long', key, list }, piece * PIECE_BYTES, piece * PIECE_BYTES + 9),
      );
      assert.ok(bytesEqual(bytes, pattern(9, index)));
    }
    assert.equal(reader.lists.cached, MAX_CACHED_LISTS);
  });
});

describe('running ahead', () => {
  it('is bounded by the window, and comes first for the first pieces', async () => {
    const world = createWorld();
    const { reader } = await opened(world, { 'a.bin': pattern(200 * PIECE_BYTES) });
    const before = world.network.requests.length;
    let consumed = 0;
    let most = 0;
    for await (const _ of reader.whole(reader.file('a.bin')!)) {
      // One request more for the list block.
      most = Math.max(most, world.network.requests.length - before - 1 - consumed);
      consumed += 1;
    }
    assert.equal(consumed, 200);
    assert.ok(most <= MAX_WINDOW && most > FIRST_WINDOW, String(most));
    const requests = world.network.requests.slice(before);
    assert.equal(requests.filter((request) => request.priority === 'interactive').length, INTERACTIVE_PIECES + 1);
  });

  it('gives back every place when a reader leaves early, fails or is stopped', async () => {
    const world = createWorld();
    const window = new Window();
    const { reader, built } = await opened(world, { 'a.bin': pattern(100 * PIECE_BYTES) });
    const file = reader.file('a.bin')!;
    for await (const _ of reader.whole(file, { window })) break;
    assert.equal(window.held, 0);
    const abort = new AbortController();
    await assert.rejects(async () => {
      for await (const _ of reader.whole(file, { window, signal: abort.signal })) abort.abort();
    }, withCode('cancelled'));
    assert.equal(window.held, 0);
    world.loseBlocks(built, 40, 91);
    await assert.rejects(collect(reader.whole(file, { window })), withCode('not-found'));
    assert.equal(window.held, 0);
  });

  it('lets many streams share one window without a standstill', async () => {
    const world = createWorld();
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${i}.bin`, pattern(12 * PIECE_BYTES, i)]));
    const { reader } = await opened(world, files);
    const window = new Window();
    const all = await Promise.all(reader.manifest.files.map((file) => collect(reader.whole(file, { window }))));
    all.forEach((bytes, index) => assert.ok(bytesEqual(bytes, files[reader.manifest.files[index]!.path]!)));
    assert.equal(window.held, 0);
  });
});

describe('what is wrong is named', () => {
  it('a missing block, by file and number, after some tries', async () => {
    const world = createWorld();
    const { reader, built } = await opened(world, { 'a.bin': pattern(3 * PIECE_BYTES) });
    const lost = blockAddress(built.blocks[1]!);
    // Of 3 + 2 blocks two are left.
    world.network.lose(lost);
    world.loseBlocks(built, 3, 5);
    const before = world.network.requests.length;
    await assert.rejects(
      collect(reader.whole(reader.file('a.bin')!)),
      withCode('not-found', 'block 2 of 3', '“a.bin”'),
    );
    const tries = world.network.requests.slice(before).filter((request) => bytesEqual(request.address, lost)).length;
    // One, then others of its segment, then those that it has without them.
    assert.equal(tries, 1 + MAX_NOT_FOUND_TRIES);
  });

  it('a missing list block', async () => {
    const world = createWorld();
    const { reader, built } = await opened(world, { 'a.bin': pattern(100 * PIECE_BYTES) });
    // And its one check block.
    assert.equal(built.blocks.length, 100 + 50 + 1 + 1);
    world.loseBlocks(built, 150, 152);
    await assert.rejects(
      collect(reader.whole(reader.file('a.bin')!)),
      withCode('not-found', 'list block 1', '“a.bin”'),
    );
  });

  it('busy and no-route by their codes, after all tries', async () => {
    for (const code of ['busy', 'no-route'] as const) {
      const world = createWorld();
      const { reader } = await opened(world, { 'a.bin': pattern(5) });
      world.network.options.refuseRequest = () => code;
      const before = world.network.requestCount;
      await assert.rejects(collect(reader.whole(reader.file('a.bin')!)), withCode(code, 'block 1'));
      assert.equal(world.network.requestCount - before, MAX_TRIES);
    }
  });

  it('a block that comes back is used', async () => {
    const world = createWorld();
    const content = pattern(5 * PIECE_BYTES);
    const { reader } = await opened(world, { 'a.bin': content });
    let count = 0;
    world.network.options.refuseRequest = () =>
      count++ % 3 === 0 ? 'timeout' : count % 5 === 0 ? 'not-found' : undefined;
    assert.ok(bytesEqual(await collect(reader.whole(reader.file('a.bin')!)), content));
  });

  it('a piece in the wrong place, or a wrong digest, as damaged by its publisher, and the last chunk is withheld', async () => {
    const world = createWorld();
    const content = pattern(3 * PIECE_BYTES);
    const misplaced = await opened(world, { 'a.bin': content }, { wrongPieces: { 'a.bin': 1 } });
    await assert.rejects(
      collect(misplaced.reader.whole(misplaced.reader.file('a.bin')!)),
      withCode('damaged', 'Block 2 of 3', 'publisher'),
    );
    const { reader } = await opened(world, { 'a.bin': content, 'b.txt': pattern(5) }, { wrongDigest: 'a.bin' });
    let given = 0;
    await assert.rejects(
      async () => {
        for await (const chunk of reader.whole(reader.file('a.bin')!)) given += chunk.length;
      },
      withCode('damaged', 'a.bin'),
    );
    assert.equal(given, 2 * PIECE_BYTES);
    const inline = await opened(world, { 'b.txt': pattern(5) }, { wrongDigest: 'b.txt', inlineBytes: 10 });
    await assert.rejects(collect(inline.reader.whole(inline.reader.file('b.txt')!)), withCode('damaged', 'b.txt'));
  });
});

describe('what was opened before', () => {
  class Kept implements Pick<BlockStore, 'get' | 'put'> {
    readonly entries = new Map<string, StoreEntry>();
    failing = false;
    async get(address: Uint8Array): Promise<Uint8Array | undefined> {
      return this.entries.get(toHex(address))?.record;
    }
    async put(entry: StoreEntry): Promise<'stored'> {
      if (this.failing) throw new Error('the disk is gone');
      this.entries.set(toHex(entry.address), entry);
      return 'stored';
    }
  }

  it('costs no network the second time, and is checked all the same', async () => {
    const world = createWorld();
    const kept = new Kept();
    const deps: ReadDeps = { ...world.deps, opened: kept as unknown as BlockStore };
    const content = pattern(100 * PIECE_BYTES);
    const { reader, built } = await opened(world, { 'a.bin': content }, {}, deps);
    assert.ok(bytesEqual(await collect(reader.whole(reader.file('a.bin')!)), content));
    assert.equal(kept.entries.size, 100 + 1, 'pieces and their list block, no check blocks');
    const again = new PublicationReader(deps, await gather(deps, built.link));
    const before = world.network.requestCount;
    assert.ok(bytesEqual(await collect(again.whole(again.file('a.bin')!)), content));
    assert.equal(world.network.requestCount, before);
    // One that rotted on the disk is fetched anew.
    const [key, entry] = [...kept.entries][3]!;
    const rotten = entry.record.slice();
    rotten[500]! ^= 1;
    kept.entries.set(key, { ...entry, record: rotten });
    assert.ok(bytesEqual(await collect(again.whole(again.file('a.bin')!)), content));
    assert.equal(world.network.requestCount, before + 1);
    assert.ok(bytesEqual(kept.entries.get(key)!.record, entry.record));
  });

  it('may fail to be kept without keeping anybody from reading', async () => {
    const world = createWorld();
    const kept = new Kept();
    kept.failing = true;
    const content = pattern(100 * PIECE_BYTES);
    const { reader } = await opened(
      world,
      { 'a.bin': content },
      {},
      { ...world.deps, opened: kept as unknown as BlockStore },
    );
    assert.ok(bytesEqual(await collect(reader.whole(reader.file('a.bin')!)), content));
  });
});
