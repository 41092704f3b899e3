import assert from 'node:assert/strict';
import { mkdir, mkdtemp, open, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { formatLink } from '../../../shared/base/links.ts';
import type { GetJob, Job } from '../../../shared/ipc/model.ts';
import { GetJobSchema } from '../../../shared/ipc/model.ts';
import * as v from 'valibot';
import type { BlockStore } from '../../../src-main/core/ports.ts';
import { PIECE_BYTES } from '../../../src-main/core/publish/piece.ts';
import { JobRegistry } from '../../../src-main/services/jobs/job-registry.ts';
import { getPublication, startGet } from '../../../src-main/services/read/get.ts';
import type { GetProgress, GetResult } from '../../../src-main/services/read/get.ts';
import { OutputTree } from '../../../src-main/services/read/output-tree.ts';
import { FILES_AT_ONCE } from '../../../src-main/services/read/save.ts';
import { createWorld, crypto, pattern, withCode } from './world.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'broadside-get-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const site = {
  'index.html': pattern(300, 1),
  'pictures/one.png': pattern(3 * PIECE_BYTES + 5, 2),
  'pictures/large/two.png': pattern(45 * PIECE_BYTES, 3),
  'empty.txt': new Uint8Array(),
  'ملف 報告.txt': pattern(40_000, 4),
};

describe('a single file', () => {
  for (const size of [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 24 * 1024 * 1024]) {
    it(`of ${size} bytes is written to the byte`, async () => {
      const world = createWorld();
      const content = pattern(size);
      const built = world.publish({
        files: { 'report.pdf': content },
        types: { 'report.pdf': 'application/pdf' },
        inlineBytes: 16,
      });
      const result = await getPublication(world.deps, { link: built.text, directory });
      assert.equal(result.path, join(directory, 'report.pdf'));
      assert.equal(result.sizeBytes, size);
      assert.equal(result.type, 'application/pdf');
      assert.equal(result.version, 1);
      assert.deepEqual(result.shares.bad, []);
      assert.ok(result.shares.valid >= 3 && result.shares.asked >= result.shares.valid);
      assert.ok(bytesEqual(await readFile(result.path), content));
      assert.deepEqual(await readdir(directory), ['report.pdf']);
    });
  }

  it('goes where it is told: a name, an existing directory, over an existing file', async () => {
    const world = createWorld();
    const built = world.publish({ files: { 'a.txt': pattern(100) } });
    const get = (path?: string) => getPublication(world.deps, { link: built.text, directory, path });
    assert.equal((await get('other.txt')).path, join(directory, 'other.txt'));
    await mkdir(join(directory, 'sub'));
    assert.equal((await get('sub')).path, join(directory, 'sub', 'a.txt'));
    await writeFile(join(directory, 'other.txt'), 'old');
    assert.equal((await get('other.txt')).path, join(directory, 'other.txt'));
    assert.equal(toHex(await readFile(join(directory, 'other.txt'))), toHex(pattern(100)));
    await get();
    await assert.rejects(get(), withCode('usage', '-o'));
    await assert.rejects(get('nowhere/a.txt'), withCode('usage', 'directory'));
  });

  it('asks nothing of the network when the target cannot be', async () => {
    const world = createWorld();
    const built = world.publish({ files: { 'a.txt': pattern(100) } });
    await assert.rejects(
      getPublication(world.deps, { link: built.text, directory, path: 'no/where' }),
      withCode('usage'),
    );
    await assert.rejects(getPublication(world.deps, { link: 'broadside:x', directory }), withCode('bad-link'));
    assert.equal(world.network.requestCount, 0);
  });
});

describe('a directory', () => {
  it('is written whole, under its title', async () => {
    const world = createWorld();
    const built = world.publish({
      files: site,
      shape: 'site',
      index: 'index.html',
      title: 'The minutes',
      inlineBytes: 400,
    });
    const result = await getPublication(world.deps, { link: built.text, directory });
    assert.equal(result.path, join(directory, 'The minutes'));
    assert.equal(result.type, 'inode/directory');
    assert.deepEqual(await readdir(directory), ['The minutes']);
    for (const [path, bytes] of Object.entries(site))
      assert.ok(bytesEqual(await readFile(join(result.path, path)), bytes), path);
    assert.equal(
      result.sizeBytes,
      Object.values(site).reduce((sum, bytes) => sum + bytes.length, 0),
    );
    await assert.rejects(getPublication(world.deps, { link: built.text, directory }), withCode('usage', 'The minutes'));
  });

  it('gives one file, or what is below one directory, for a link with a path', async () => {
    const world = createWorld();
    const built = world.publish({ files: site, title: 'x' });
    const get = (path: string) => getPublication(world.deps, { link: formatLink({ ...built.link, path }), directory });
    const one = await get('pictures/one.png');
    assert.equal(one.path, join(directory, 'one.png'));
    assert.ok(bytesEqual(await readFile(one.path), site['pictures/one.png']));
    const below = await get('pictures');
    assert.deepEqual((await readdir(below.path, { recursive: true })).sort(), ['large', 'large/two.png', 'one.png']);
    await assert.rejects(get('pictures/three.png'), withCode('not-found', 'pictures/three.png'));
  });

  it('with many small files has no more of them open than allowed', async () => {
    const world = createWorld();
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`d/${i}.txt`, pattern(50 + i, i)]));
    const built = world.publish({ files, title: 'many' });
    let inFlight = 0;
    let most = 0;
    world.network.options.delayRequest = (call) => {
      if (call.kind !== 'content') return undefined;
      inFlight += 1;
      most = Math.max(most, inFlight);
      return new Promise((resolve) => {
        setImmediate(() => {
          inFlight -= 1;
          resolve();
        });
      });
    };
    const result = await getPublication(world.deps, { link: built.text, directory });
    assert.equal((await readdir(join(result.path, 'd'))).length, 300);
    assert.ok(most > 1 && most <= FILES_AT_ONCE, String(most));
  });
});

describe('nothing half-written is left', () => {
  const stopping = async (when: (bytesDone: number) => boolean) => {
    const world = createWorld();
    const built = world.publish({ files: site, title: 'x' });
    const abort = new AbortController();
    const seen: string[][] = [];
    await assert.rejects(
      getPublication(
        world.deps,
        { link: built.text, directory },
        {
          signal: abort.signal,
          onProgress: (progress) => {
            if (progress.bytesDone !== undefined && when(progress.bytesDone)) abort.abort();
          },
        },
      ),
      withCode('cancelled'),
    );
    seen.push(await readdir(directory));
    assert.deepEqual(seen, [[]]);
  };

  it('after an abort before the first byte, and half-way', async () => {
    await stopping((bytesDone) => bytesDone === 0);
    await stopping((bytesDone) => bytesDone > 20 * PIECE_BYTES);
  });

  it('when a block is missing, or damaged by its publisher', async () => {
    const world = createWorld();
    const built = world.publish({ files: site, title: 'x' });
    // index.html is 1 + 7 blocks; of the 4 + 7 of the first picture too few are left.
    world.loseBlocks(built, 8, 16);
    await assert.rejects(getPublication(world.deps, { link: built.text, directory }), withCode('not-found', 'block'));
    assert.deepEqual(await readdir(directory), []);
    const wrong = world.publish({ files: site, title: 'x', wrongDigest: 'pictures/one.png' });
    await assert.rejects(
      getPublication(world.deps, { link: wrong.text, directory }),
      withCode('damaged', 'pictures/one.png'),
    );
    assert.deepEqual(await readdir(directory), []);
  });

  it('and what was there stays as it was', async () => {
    const world = createWorld();
    const built = world.publish({ files: { 'a.bin': pattern(5 * PIECE_BYTES) } });
    world.loseBlocks(built, 4, 12);
    await writeFile(join(directory, 'a.bin'), 'old');
    await assert.rejects(
      getPublication(world.deps, { link: built.text, directory, path: 'a.bin' }),
      withCode('not-found'),
    );
    assert.equal(await readFile(join(directory, 'a.bin'), 'utf8'), 'old');
    assert.deepEqual(await readdir(directory), ['a.bin']);
  });
});

it('memory stays bounded while a large file is written', async () => {
  const world = createWorld();
  const built = world.publish({ files: { 'a.bin': pattern(600 * PIECE_BYTES) } });
  let asked = 0;
  let most = 0;
  let done = 0;
  world.network.options.delayRequest = (call) => {
    if (call.kind === 'content') asked += 1;
    most = Math.max(most, asked - done / PIECE_BYTES);
    return undefined;
  };
  await getPublication(
    world.deps,
    { link: built.text, directory },
    {
      onProgress: (progress) => {
        done = progress.bytesDone ?? done;
      },
    },
  );
  // The window, the chunk being written, and the list block.
  assert.ok(most <= 66, String(most));
});

it('takes blocks from what was opened, and adds none to it', async () => {
  const world = createWorld();
  const content = pattern(5 * PIECE_BYTES);
  const built = world.publish({ files: { 'a.bin': content } });
  const record = built.blocks[2]!;
  const address = crypto.hash('content', record.subarray(1));
  world.network.lose(address);
  const opened = {
    get: async (wanted: Uint8Array) => (bytesEqual(wanted, address) ? record : undefined),
    put: () => assert.fail('nothing is to be kept'),
  };
  const deps = { ...world.deps, opened: opened as unknown as BlockStore };
  const result = await getPublication(deps, { link: built.text, directory });
  assert.ok(bytesEqual(await readFile(result.path), content));
});

it('a disk without room is no-space', async (context) => {
  const world = createWorld();
  const built = world.publish({ files: { 'a.bin': pattern(5 * PIECE_BYTES) } });
  // The kernel's own full disk.
  const created = OutputTree.prototype.createFile;
  context.mock.method(OutputTree.prototype, 'createFile', async function (this: OutputTree, path: string) {
    await (await created.call(this, path)).close();
    return open('/dev/full', 'w');
  });
  await assert.rejects(getPublication(world.deps, { link: built.text, directory }), withCode('no-space'));
  assert.deepEqual(await readdir(directory), []);
});

it('progress names stages in order and ends with all bytes', async () => {
  const world = createWorld();
  const built = world.publish({ files: site, title: 'x', wrongShares: [1, 2, 3] });
  const told: GetProgress[] = [];
  const result = await getPublication(
    world.deps,
    { link: built.text, directory },
    { onProgress: (progress) => told.push(progress) },
  );
  const stages = told.map((progress) => progress.stage).filter((stage, index, all) => stage !== all[index - 1]);
  assert.deepEqual(
    stages.filter((stage) => stage === 'blocks' || stage === 'done'),
    ['blocks', 'done'],
  );
  assert.equal(stages[0], 'asking');
  assert.equal(told.at(-1)!.bytesDone, result.sizeBytes);
  assert.equal(told.find((progress) => progress.publication)!.publication!.fileCount, 5);
});

describe('the job', () => {
  const start = async (build: (world: ReturnType<typeof createWorld>) => string) => {
    const world = createWorld();
    const jobs: Job[] = [];
    let id = 0;
    const registry = new JobRegistry({
      clock: world.deps.clock,
      newId: () => `job-${(id += 1)}`,
      onJob: (job) => jobs.push(job),
      onGone: () => undefined,
    });
    const results: GetResult[] = [];
    const job = startGet(world.deps, registry, { link: build(world), directory }, (_, result) => results.push(result));
    return { ended: (await registry.settled(job)) as GetJob, jobs, results };
  };

  it('tells all that the contract has, in its terms', async () => {
    const { ended, jobs, results } = await start(
      (world) => world.publish({ files: { 'a.txt': pattern(100_000) }, title: 'Named' }).text,
    );
    assert.equal(ended.state, 'done');
    assert.equal(ended.stage, 'done');
    assert.equal(ended.title, 'Named');
    assert.equal(ended.path, join(directory, 'a.txt'));
    assert.equal(ended.bytesDone, 100_000);
    assert.equal(ended.type, 'text/plain');
    assert.equal(ended.publication!.files[0]!.path, 'a.txt');
    assert.equal(results.length, 1);
    for (const job of jobs) v.parse(GetJobSchema, job);
  });

  it('fails with the code of what failed', async () => {
    const { ended } = await start((world) => {
      const built = world.publish({ files: { 'a.txt': pattern(10) } });
      world.lose(built, [1, 2, 3, 4, 5, 6, 7, 8]);
      return built.text;
    });
    assert.equal(ended.state, 'failed');
    assert.equal(ended.error!.code, 'not-found');
  });

  it('refuses a bad link at once', async () => {
    await assert.rejects(
      start(() => 'broadside:abc'),
      (thrown) => thrown instanceof BroadsideError && thrown.code === 'bad-link',
    );
  });
});
