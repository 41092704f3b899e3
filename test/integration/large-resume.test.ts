/** A large file on real processes: whoever publishes is killed, whoever reads is killed, and each goes on where it was. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { GetJob, PublishJob, UpdateJob } from '../../shared/ipc/model.ts';
import { MIB } from '../../shared/base/units.ts';
import { PIECE_BYTES } from '../../src-main/core/publish/piece.ts';
import { jobEnd, jobWhen, startPractice } from '../support/practice.ts';
import type { Daemon, Practice } from '../support/practice.ts';

const SIZE = 32 * MIB;
/** Blocks on their way, and those whose note waits for company (services/publish/journal.ts). */
const MAX_SENT_AGAIN = 64 + 32;
/** Segments whose note waits for the disk, of 4 MiB. */
const MAX_FETCHED_AGAIN_BYTES = 12 * MIB;

let practice: Practice;
before(async () => {
  practice = await startPractice(6);
});
after(() => practice.stop());

/** Inserts and requests that a node had answered since it started. */
async function answered(daemon: Daemon): Promise<number> {
  return (await daemon.client.call('status.get', null)).requests.answered;
}

test(
  '32 MiB, both ends killed half-way: nothing that is done is sent or fetched again',
  { timeout: 300_000 },
  async () => {
    const path = join(practice.directory, 'large.bin');
    const bytes = randomBytes(SIZE);
    writeFileSync(path, bytes);

    const first = await practice.startDaemon('publisher');
    const request = { source: { kind: 'path', path }, k: 3, n: 10, class: 'fixed' } as const;
    const half = jobWhen(
      first.client,
      'publish',
      (job) => job.blocksTotal > 0 && job.blocksSent >= job.blocksTotal / 2,
    );
    await first.client.call('publish.start', request);
    const { blocksSent: sentBefore } = await half;
    await first.kill();

    const second = await practice.startDaemon('publisher');
    const listed = (await second.client.call('jobs.list', null)).find(
      (job): job is PublishJob => job.kind === 'publish' && job.state === 'interrupted',
    );
    assert.ok(listed !== undefined && listed.canResume === true);
    assert.ok(
      listed.blocksSent >= sentBefore - MAX_SENT_AGAIN,
      `${listed.blocksSent} noted, ${sentBefore} had arrived`,
    );
    const before = await answered(second);
    const { job } = await second.client.call('jobs.resume', { job: listed.id });
    const published = await jobEnd(second.client, job, 'publish');
    assert.equal(published.state, 'done', published.error?.message);
    assert.equal(published.blocksResumed, listed.blocksSent);
    // Blocks wait here until there is room for them, and are not asked about again and again.
    const { blocksTotal, blocksSent, blocksRetried } = published;
    assert.ok(blocksRetried < (blocksTotal - listed.blocksSent) / 4, `${blocksRetried} retried, ${blocksSent} sent`);
    // All that the node asked of the network: the rest of the blocks, the shares, and what was fetched back.
    const asked = (await answered(second)) - before;
    const rest = published.blocksTotal - listed.blocksSent + published.blocksRetried;
    assert.ok(asked <= rest + 10 + 10 + 8, `${asked} asked for, ${rest} blocks were left`);

    const reader = await practice.startDaemon('reader');
    const target = join(practice.directory, 'copy.bin');
    const halfRead = jobWhen(reader.client, 'get', (seen: GetJob) => seen.bytesDone >= SIZE / 2);
    await reader.client.call('get.start', { link: published.link!, directory: practice.directory, path: target });
    const { bytesDone: readBefore } = await halfRead;
    await reader.kill();
    assert.equal(existsSync(target), false, 'nothing half-written under a final name');

    const again = await practice.startDaemon('reader');
    const begun = await answered(again);
    const { job: get } = await again.client.call('get.start', {
      link: published.link!,
      directory: practice.directory,
      path: target,
    });
    const got = await jobEnd(again.client, get, 'get');
    assert.equal(got.state, 'done', got.error?.message);
    const kept = got.bytesKept ?? 0;
    assert.ok(kept >= readBefore - MAX_FETCHED_AGAIN_BYTES, `${kept} bytes were kept of ${readBefore}`);
    const fetched = (await answered(again)) - begun;
    const blocksLeft = Math.ceil((SIZE - kept) / PIECE_BYTES);
    assert.ok(fetched <= blocksLeft * 1.1 + 20, `${fetched} asked for, ${blocksLeft} blocks were left`);
    assert.ok(readFileSync(target).equals(bytes));
    assert.deepEqual(
      readdirSync(practice.directory).filter((name) => name.endsWith('.part')),
      [],
    );
  },
);

test('an update of 8 MiB, killed half-way: the next run goes on with its password', { timeout: 300_000 }, async () => {
  const path = join(practice.directory, 'edition.bin');
  writeFileSync(path, 'the first edition');
  const password = 'ribbon cactus orbit velvet thunder maple candle glacier';
  const source = { kind: 'path', path } as const;
  const first = await practice.startDaemon('author');
  const { job: begun } = await first.client.call('publish.start', {
    source,
    k: 3,
    n: 10,
    class: 'updatable',
    password,
  });
  const { link } = await jobEnd(first.client, begun, 'publish');
  const bytes = randomBytes(8 * MIB);
  writeFileSync(path, bytes);
  const half = jobWhen(first.client, 'update', (job) => job.blocksTotal > 0 && job.blocksSent >= job.blocksTotal / 2);
  await first.client.call('update.start', { link: link!, password, source });
  const { blocksSent } = await half;
  await first.kill();

  const second = await practice.startDaemon('author');
  const listed = (await second.client.call('jobs.list', null)).find(
    (job): job is UpdateJob => job.kind === 'update' && job.state === 'interrupted',
  );
  assert.ok(listed?.canResume === true && listed.needsPassword === true);
  assert.ok(listed.blocksSent >= blocksSent - MAX_SENT_AGAIN, `${listed.blocksSent} noted, ${blocksSent} had arrived`);
  const { job } = await second.client.call('jobs.resume', { job: listed.id, password });
  const updated = await jobEnd(second.client, job, 'update');
  assert.equal(updated.state, 'done', updated.error?.message);
  assert.deepEqual([updated.edition, updated.slotsReplaced, updated.blocksResumed], [2, 10, listed.blocksSent]);

  const target = join(practice.directory, 'edition-got.bin');
  const reader = await practice.startDaemon('another-reader');
  const get = await reader.client.call('get.start', { link: link!, directory: practice.directory, path: target });
  assert.equal((await jobEnd(reader.client, get.job, 'get')).state, 'done');
  assert.ok(readFileSync(target).equals(bytes));
});
