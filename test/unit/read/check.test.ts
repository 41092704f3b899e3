import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as v from 'valibot';
import { CheckJobSchema, HealthSchema } from '../../../shared/ipc/model.ts';
import type { CheckJob, Health, Job } from '../../../shared/ipc/model.ts';
import { PIECE_BYTES } from '../../../src-main/core/publish/piece.ts';
import { JobRegistry } from '../../../src-main/services/jobs/job-registry.ts';
import { checkPublication, SAMPLED_BLOCKS, startCheck } from '../../../src-main/services/read/check.ts';
import { supersede } from '../../support/publication-builder.ts';
import { createWorld, crypto, pattern, withCode } from './world.ts';

const files = { 'a.bin': pattern(60 * PIECE_BYTES), 'b.txt': pattern(500), 'c/d.bin': pattern(3 * PIECE_BYTES, 4) };

it('a whole publication: every share asked for, a sample of blocks, all past what is kept here', async () => {
  const world = createWorld();
  const built = world.publish({ files, inlineBytes: 500 });
  const result = await checkPublication(world.deps, built.link);
  assert.equal(result.retrievable, true);
  assert.deepEqual(
    result.shares,
    Array.from({ length: 10 }, (_, i) => ({ index: i + 1, found: true, valid: true })),
  );
  assert.deepEqual(result.blocks, { sampled: SAMPLED_BLOCKS, found: SAMPLED_BLOCKS });
  assert.ok(world.network.requests.every((request) => request.skipOwn === true));
});

it('a small one: each of its blocks once', async () => {
  const world = createWorld();
  const built = world.publish({ files: { 'a.bin': pattern(4 * PIECE_BYTES) } });
  assert.deepEqual((await checkPublication(world.deps, built.link)).blocks, { sampled: 11, found: 11 });
  const inline = world.publish({ files: { 'a.bin': pattern(4) }, inlineBytes: 10 });
  assert.deepEqual((await checkPublication(world.deps, inline.link)).blocks, { sampled: 0, found: 0 });
});

it('missing and wrong shares by index', async () => {
  const world = createWorld();
  const built = world.publish({ files, wrongShares: [4, 7] });
  world.lose(built, [2, 9]);
  const result = await checkPublication(world.deps, built.link);
  assert.equal(result.retrievable, true);
  assert.deepEqual(
    result.shares.filter((share) => !share.found).map((share) => share.index),
    [2, 9],
  );
  assert.deepEqual(
    result.shares.filter((share) => !share.valid).map((share) => share.index),
    [2, 4, 7, 9],
  );
});

it('too few shares, or none, is a result', async () => {
  const world = createWorld();
  const built = world.publish({ files });
  world.lose(built, [1, 2, 3, 4, 5, 6, 7, 8]);
  const few = await checkPublication(world.deps, built.link);
  assert.equal(few.retrievable, false);
  assert.deepEqual(few.blocks, { sampled: 0, found: 0 });
  world.lose(built, [9, 10]);
  const none = await checkPublication(world.deps, built.link);
  assert.equal(none.shares.filter((share) => share.found).length, 0);
});

it('blocks that are missing, and irretrievable only when too few of a segment are left', async () => {
  const world = createWorld();
  const built = world.publish({ files: { 'a.bin': pattern(5 * PIECE_BYTES) } });
  world.loseBlocks(built, 2, 9);
  const result = await checkPublication(world.deps, built.link);
  assert.equal(result.retrievable, true);
  assert.deepEqual(result.blocks, { sampled: 12, found: 5 });
  assert.ok(world.network.requests.every((request) => request.skipOwn === true));
  world.loseBlocks(built, 11, 12);
  const worse = await checkPublication(world.deps, built.link);
  assert.equal(worse.retrievable, false);
  assert.deepEqual(worse.blocks, { sampled: 12, found: 4 });
});

it('list blocks that are missing', async () => {
  const world = createWorld();
  const listed = world.publish({ files: { 'a.bin': pattern(100 * PIECE_BYTES) } });
  assert.equal(listed.blocks.length, 100 + 50 + 1 + 7);
  world.loseBlocks(listed, 150, 157);
  const one = await checkPublication(world.deps, listed.link);
  assert.deepEqual([one.retrievable, one.blocks.found], [true, SAMPLED_BLOCKS]);
  world.loseBlocks(listed, 157, 158);
  const without = await checkPublication(world.deps, listed.link);
  assert.equal(without.retrievable, false);
  assert.equal(without.blocks.found, 0);
});

it('a large manifest whose block is missing', async () => {
  const world = createWorld();
  const many = Object.fromEntries(
    Array.from({ length: 900 }, (_, i) => [`a directory/number ${i}.txt`, pattern(10, i)]),
  );
  const built = world.publish({ files: many, inlineBytes: 10 });
  assert.equal((await checkPublication(world.deps, built.link)).retrievable, true);
  world.loseBlocks(built, 0, 7);
  assert.equal((await checkPublication(world.deps, built.link)).retrievable, true);
  world.loseBlocks(built, 7, 8);
  assert.deepEqual((await checkPublication(world.deps, built.link)).blocks, { sampled: 1, found: 0 });
});

it('the newest edition is what is checked, and a deleted one says so', async () => {
  const world = createWorld();
  const old = world.publish({ files, k: 2, n: 4 });
  const fresh = world.publish({ files: { 'new.txt': pattern(10) }, k: 3, n: 6 });
  for (const slot of supersede(crypto, world.deps.random, old, { kind: 'moved', link: fresh.link }))
    world.network.put(slot);
  assert.equal((await checkPublication(world.deps, old.link)).shares.length, 6);
  for (const slot of supersede(crypto, world.deps.random, fresh, { kind: 'deleted' })) world.network.put(slot);
  await assert.rejects(checkPublication(world.deps, old.link), withCode('deleted'));
});

it('nobody to ask is an error and no verdict', async () => {
  const world = createWorld(1, { refuseRequest: () => 'no-route' });
  const built = world.publish({ files });
  await assert.rejects(checkPublication(world.deps, built.link), withCode('no-route'));
  await assert.rejects(checkPublication({ ...world.deps, neighbours: () => 0 }, built.link), withCode('offline'));
});

it('the job tells the library, in the contract’s terms', async () => {
  const world = createWorld();
  const built = world.publish({ files, wrongShares: [3] });
  world.lose(built, [5]);
  const jobs: Job[] = [];
  const registry = new JobRegistry({
    clock: world.deps.clock,
    newId: () => 'job-1',
    onJob: (job) => jobs.push(job),
    onGone: () => undefined,
  });
  const told: { link: string; health: Health }[] = [];
  const id = startCheck(world.deps, registry, built.text, (link, health) => {
    told.push({ link, health });
  });
  const ended = (await registry.settled(id)) as CheckJob;
  assert.equal(ended.state, 'done');
  assert.equal(ended.retrievable, true);
  assert.equal(ended.blocksFound, SAMPLED_BLOCKS);
  for (const job of jobs) v.parse(CheckJobSchema, job);
  assert.equal(told.length, 1);
  assert.equal(told[0]!.link, built.text);
  v.parse(HealthSchema, told[0]!.health);
  assert.deepEqual(
    told[0]!.health.shares.filter((share) => share.state !== 'found').map((share) => [share.index, share.state]),
    [
      [3, 'bad'],
      [5, 'missing'],
    ],
  );
});
