/** Publications that are kept alive: everything is held, what is lost is put back, and nothing that was taken back returns. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { formatLink } from '../../../shared/base/links.ts';
import type { KeepJob, LibraryEntry } from '../../../shared/ipc/model.ts';
import { toHex } from '../../../shared/base/bytes.ts';
import { PIECE_BYTES } from '../../../src-main/core/publish/piece.ts';
import { JobRegistry } from '../../../src-main/services/jobs/job-registry.ts';
import { Keeping } from '../../../src-main/services/keep/keeping.ts';
import { keepRound } from '../../../src-main/services/keep/round.ts';
import type { KeepOptions, KeepResult } from '../../../src-main/services/keep/round.ts';
import { Library } from '../../../src-main/services/library/library.ts';
import { gather } from '../../../src-main/services/read/gather.ts';
import { Settings } from '../../../src-main/services/settings/settings.ts';
import { createMemoryBlockStore } from '../../../src-main/storage/memory/block-store.ts';
import { MemoryLibraryStore, MemorySettingsStore } from '../../support/memory-stores.ts';
import { supersede } from '../../support/publication-builder.ts';
import type { BuiltPublication } from '../../support/publication-builder.ts';
import { blockAddress, createWorld, crypto, pattern, withCode } from '../read/world.ts';
import type { World } from '../read/world.ts';

const files = { 'a.bin': pattern(130 * PIECE_BYTES), 'b.txt': pattern(500), 'c/d.bin': pattern(3 * PIECE_BYTES, 4) };
const NEVER = new AbortController().signal;
const OPTIONS: KeepOptions = {
  signal: NEVER,
  fromSegment: 0,
  roomBytes: Number.POSITIVE_INFINITY,
  onProgress: () => undefined,
};

function keeperIn(world: World) {
  const kept = createMemoryBlockStore({ quotaBytes: 1e9 });
  const round = (built: BuiltPublication, options: Partial<KeepOptions> = {}): Promise<KeepResult> =>
    keepRound({ ...world.deps, kept }, built.link, { ...OPTIONS, ...options });
  return { kept, round };
}

describe('a round of keeping', () => {
  it('holds every slot and every block, and then asks for them past what it holds', async () => {
    const world = createWorld();
    const built = world.publish({ files, inlineBytes: 500 });
    const { kept, round } = keeperIn(world);
    const first = await round(built);
    assert.deepEqual([first.sharesHeld, first.sharesPutBack, first.retrievable], [10, 0, true]);
    assert.equal(first.blocksTotal, built.blocks.length);
    assert.deepEqual(first.blocks, {
      blocks: built.blocks.length,
      held: built.blocks.length,
      looked: built.blocks.length,
      found: built.blocks.length,
      putBack: 0,
      unplaced: 0,
      lost: 0,
    });
    for (const block of built.blocks) assert.ok(await kept.has(blockAddress(block)));
    for (const place of built.places) assert.ok(await kept.has(place.address));
    const before = world.network.requestCount;
    const second = await round(built);
    assert.equal(second.blocks.looked, built.blocks.length);
    const asked = world.network.requests.slice(before);
    assert.ok(asked.every(({ skipOwn }) => skipOwn === true));
    assert.equal(world.network.insertCount, 0);
  });

  it('puts back what nobody else has, slots and blocks, and then the publication is whole again', async () => {
    const world = createWorld();
    const built = world.publish({ files, inlineBytes: 500 });
    const { round } = keeperIn(world);
    await round(built);
    world.lose(built, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    world.loseBlocks(built, 0, 60);
    const result = await round(built);
    assert.deepEqual([result.sharesHeld, result.sharesPutBack, result.blocks.putBack], [10, 9, 60]);
    assert.equal(result.retrievable, true);
    for (const record of [...built.slots, ...built.blocks]) {
      assert.ok([...world.network.records.values()].some((held) => Buffer.compare(held, record) === 0));
    }
    assert.equal((await gather(world.deps, built.link)).manifest.files.length, 3);
  });

  it('makes anew what it never held, check blocks too, as long as the segment can be made', async () => {
    const world = createWorld();
    const built = world.publish({ files, inlineBytes: 500 });
    const { kept, round } = keeperIn(world);
    // Of the first segment, 128 data and 64 check blocks: some of both.
    const lost = [...built.blocks.slice(0, 30), ...built.blocks.slice(150, 180)];
    for (const block of lost) world.network.lose(blockAddress(block));
    const result = await round(built);
    assert.equal(result.blocks.putBack, 60);
    assert.equal(result.retrievable, true);
    for (const block of lost) {
      assert.ok(await kept.has(blockAddress(block)));
      assert.ok(world.network.records.has(toHex(blockAddress(block))));
    }
  });

  it('says what is lost for good, and holds the rest', async () => {
    const world = createWorld();
    const built = world.publish({ files, inlineBytes: 500 });
    const { round } = keeperIn(world);
    world.loseBlocks(built, 0, 70);
    const result = await round(built);
    assert.equal(result.retrievable, false);
    assert.equal(result.blocks.lost, 70);
    assert.equal(result.blocks.held, built.blocks.length - 70);
    assert.equal(result.blocks.putBack, 0);
  });

  it('with too few shares holds those that there are', async () => {
    const world = createWorld();
    const built = world.publish({ files });
    world.lose(built, [1, 2, 3, 4, 5, 6, 7, 8]);
    const { round } = keeperIn(world);
    const result = await round(built);
    assert.deepEqual([result.retrievable, result.sharesHeld, result.blocksTotal], [false, 2, undefined]);
  });

  it('does not put back what its publisher deleted', async () => {
    const world = createWorld();
    const built = world.publish({ files });
    const { round } = keeperIn(world);
    await round(built);
    for (const index of built.places.map((place) => place.index)) world.lose(built, [index]);
    world.network.put(supersede(crypto, world.deps.random, built, { kind: 'deleted' })[2]!);
    await assert.rejects(round(built), withCode('deleted'));
    assert.equal(world.network.insertCount, 0);
  });

  it('follows to a newer edition, keeps that, and puts back nothing of the old one', async () => {
    const world = createWorld();
    const built = world.publish({ files });
    const newer = world.publish({
      files: { 'a.bin': pattern(5 * PIECE_BYTES, 9) },
      edition: 2,
      authorSeed: built.authorSeed,
    });
    const { round } = keeperIn(world);
    await round(built);
    world.lose(built, [1, 2, 3]);
    world.network.put(supersede(crypto, world.deps.random, built, { kind: 'moved', link: newer.link })[4]!);
    const result = await round(built);
    assert.equal(formatLink(result.link), formatLink(newer.link));
    assert.deepEqual([result.manifest?.edition, result.sharesHeld], [2, 10]);
    assert.equal(world.network.insertCount, 0);
  });

  it('is refused where there is no room, before a block is fetched', async () => {
    const world = createWorld();
    const built = world.publish({ files });
    const { kept, round } = keeperIn(world);
    await assert.rejects(round(built, { roomBytes: 100_000 }), withCode('no-space', 'keep-quota-bytes'));
    assert.equal((await kept.stats()).storeBlocks - (await kept.stats()).slots <= 0, true);
  });

  it('without a network says so, and loses nothing', async () => {
    let isOffline = false;
    const world = createWorld(1, { refuseRequest: () => (isOffline ? 'no-route' : undefined) });
    const built = world.publish({ files });
    const { kept, round } = keeperIn(world);
    await round(built);
    isOffline = true;
    await assert.rejects(round(built), withCode('no-route'));
    isOffline = false;
    for (const block of built.blocks) assert.ok(await kept.has(blockAddress(block)));
    assert.equal(world.network.insertCount, 0);
  });
});

describe('what is kept', () => {
  async function start(t: TestContext, settings: Record<string, unknown> = {}) {
    const world = createWorld();
    const kept = createMemoryBlockStore({ quotaBytes: 1e9 });
    const store = new MemorySettingsStore();
    store.values = settings;
    const onChange: (() => void)[] = [];
    let wake: () => void = () => undefined;
    let count = 0;
    const ended: KeepJob[] = [];
    const defects: unknown[] = [];
    const { clock } = world.deps;
    const jobs = new JobRegistry({
      clock,
      newId: () => `job-${(count += 1)}`,
      onJob: (job) => {
        if (job.state !== 'running') ended.push(job as KeepJob);
        wake();
      },
      onGone: () => undefined,
      onDefect: (thrown) => defects.push(thrown),
    });
    const library = await Library.load(new MemoryLibraryStore(), () => {
      for (const tell of onChange) tell();
      wake();
    });
    const keeping = new Keeping({
      ...world.deps,
      kept,
      jobs,
      library,
      settings: await Settings.load(store),
      onDefect: (thrown) => defects.push(thrown),
    });
    onChange.push(() => keeping.changed());
    const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
      while (!(await condition())) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          // Removing tells nobody.
          setImmediate(resolve);
        });
      }
    };
    const publish = async (options: Parameters<World['publish']>[0]): Promise<BuiltPublication> => {
      const built = world.publish(options);
      await library.put(entryOf(built));
      return built;
    };
    const close = async (): Promise<void> => {
      const closing = keeping.close();
      await jobs.close();
      await closing;
      assert.deepEqual(defects, []);
    };
    // Time passes by itself: rounds would go on for ever.
    t.after(close);
    return { world, kept, library, keeping, jobs, ended, until, publish };
  }

  function entryOf(built: BuiltPublication): LibraryEntry {
    return {
      link: built.text,
      origin: 'published',
      title: 'A title',
      shape: 'directory',
      type: 'inode/directory',
      sizeBytes: 1,
      edition: 1,
      class: 'updatable',
      k: 3,
      n: 10,
      atMs: 1,
    };
  }

  it('is what was published here, by itself, again and again, and what is lost in between comes back', async (t) => {
    const { world, library, ended, until, publish } = await start(t);
    const built = await publish({ files: { 'a.bin': pattern(4 * PIECE_BYTES) } });
    await until(() => ended.length === 1);
    const after = library.get('published', built.text)!;
    assert.equal(after.keep?.on, true);
    assert.equal(after.keep.last?.blocksHeld, built.blocks.length);
    assert.deepEqual(after.health?.blocks, { sampled: built.blocks.length, found: built.blocks.length });
    world.lose(built, [1, 2]);
    world.loseBlocks(built, 0, 3);
    await until(() => ended.length >= 2 && ended.some((job) => job.sharesPutBack === 2 && job.blocksPutBack === 3));
  });

  it('is nothing where the setting is off, until somebody asks for it; and nothing is held when that ends', async (t) => {
    const { world, kept, library, keeping, ended, until } = await start(t, { 'keep-published': false });
    // More than one segment: what names the blocks is among them.
    const built = world.publish({ files: { 'a.bin': pattern(140 * PIECE_BYTES) } });
    keeping.start(built.text);
    await until(() => ended.length === 1 && library.get('opened', built.text)?.keep?.heldLink !== undefined);
    assert.equal(ended[0]!.state, 'done');
    assert.ok((await kept.stats()).storeBlocks > 0);
    const { mock: freeing } = t.mock.method(kept, 'setQuota');
    await keeping.stop(built.text);
    // Where blocks are a file, its room goes back to the disk when a quota is set.
    await until(async () => (await kept.stats()).blocks === 0 && freeing.callCount() === 1);
    assert.equal(library.get('opened', built.text)?.keep?.on, false);
  });

  it('is looked after one at a time: who asks meanwhile waits, may stop waiting, and lets nobody by', async (t) => {
    const { world, keeping, jobs, ended, until } = await start(t, { 'keep-published': false });
    const built = [1, 2, 3].map((seed) => world.publish({ files: { 'a.bin': pattern(4 * PIECE_BYTES, seed) } }));
    const release = Promise.withResolvers<void>();
    world.network.options.delayRequest = () => release.promise;
    const [first, second, third] = built.map(({ text }) => keeping.start(text));
    const waits = (id: string | undefined): boolean | undefined => (jobs.get(id!) as KeepJob).waiting;
    assert.equal(keeping.start(built[1]!.text), second);
    assert.deepEqual([waits(first), waits(second), waits(third)], [undefined, true, true]);
    await keeping.stop(built[1]!.text);
    assert.equal((await jobs.settled(second!)).state, 'cancelled');
    assert.deepEqual([waits(first), waits(third)], [undefined, true]);
    assert.ok(
      world.network.requests.every(({ address }) =>
        built[0]!.places.some((place) => toHex(place.address) === toHex(address)),
      ),
    );
    release.resolve();
    await until(() => ended.some(({ id, state }) => id === third && state === 'done'));
    assert.ok(ended.findIndex(({ id }) => id === first) < ended.findIndex(({ id }) => id === third));
  });

  it('forgets what was deleted by its publisher, and says so in the library', async (t) => {
    const { world, kept, library, keeping, ended, until } = await start(t, { 'keep-published': false });
    const built = world.publish({ files: { 'a.bin': pattern(4 * PIECE_BYTES) } });
    keeping.start(built.text);
    await until(() => ended.length === 1 && library.get('opened', built.text)?.keep?.heldLink !== undefined);
    world.network.put(supersede(crypto, world.deps.random, built, { kind: 'deleted' })[2]!);
    await until(() => library.get('opened', built.text)?.deletedMs !== undefined);
    await until(async () => (await kept.stats()).blocks === 0);
    assert.ok(ended.some((job) => job.error?.code === 'deleted'));
  });

  it('is said to be what it is when a round fails, and is tried again', async (t) => {
    const { world, library, ended, until, publish } = await start(t);
    let isOffline = true;
    world.network.options.refuseRequest = () => (isOffline ? 'no-route' : undefined);
    const built = await publish({ files: { 'a.bin': pattern(4 * PIECE_BYTES) } });
    await until(() => library.get('published', built.text)?.keep?.problem !== undefined);
    assert.equal(library.get('published', built.text)?.keep?.problem?.code, 'no-route');
    isOffline = false;
    await until(() => ended.at(-1)?.state === 'done');
    assert.notEqual(library.get('published', built.text)?.keep?.last, undefined);
    assert.equal(library.get('published', built.text)?.keep?.problem, undefined);
  });
});
