import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as v from 'valibot';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { JobSchema } from '../../../shared/ipc/model.ts';
import type { CheckJob, Job, PublishJob } from '../../../shared/ipc/model.ts';
import { JobRegistry, MAX_FINISHED_JOBS, MAX_RUNNING_JOBS } from '../../../src-main/services/jobs/job-registry.ts';
import type { NewJob } from '../../../src-main/services/jobs/job-registry.ts';
import { RateEstimator } from '../../../src-main/services/jobs/rate.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const check: NewJob<CheckJob> = {
  kind: 'check',
  title: 'A check',
  link: 'broadside:x',
  k: 3,
  n: 10,
  shares: [],
  blocksSampled: 0,
  blocksFound: 0,
};
const withCode = (code: string) => (thrown: unknown) => thrown instanceof BroadsideError && thrown.code === code;

function setUp() {
  const clock = new ManualClock();
  const events: Job[] = [];
  const gone: string[] = [];
  let id = 0;
  const jobs = new JobRegistry({
    clock,
    newId: () => `job-${(id += 1)}`,
    onJob: (job) => events.push(job),
    onGone: (name) => gone.push(name),
  });
  return { clock, events, gone, jobs };
}

describe('job registry', () => {
  it('tells the start at once, changes at most four times a second, and the end at once', async () => {
    const { clock, events, jobs } = setUp();
    const finish = Promise.withResolvers<void>();
    const running = Promise.withResolvers<void>();
    const id = jobs.start<CheckJob>(check, async (handle) => {
      for (let index = 1; index <= 10; index += 1) handle.update({ blocksSampled: index });
      running.resolve();
      await finish.promise;
      handle.update({ blocksSampled: 99 });
    });
    assert.equal(events.length, 1);
    await running.promise;
    assert.equal(events.length, 1, 'changes wait for the interval');
    clock.advance(249);
    assert.equal(events.length, 1);
    clock.advance(1);
    assert.equal(events.length, 2);
    assert.equal((events[1] as CheckJob).blocksSampled, 10);
    finish.resolve();
    const ended = await jobs.settled(id);
    assert.equal(ended.state, 'done');
    assert.equal(events.length, 3);
    assert.equal((events[2] as CheckJob).blocksSampled, 99);
    assert.equal(clock.pendingTimers, 0);
    for (const event of events) v.parse(JobSchema, event);
  });

  it('a second of changes gives four events', async () => {
    const { clock, events, jobs } = setUp();
    const ready = Promise.withResolvers<(n: number) => void>();
    const finish = Promise.withResolvers<void>();
    const id = jobs.start<CheckJob>(check, async (handle) => {
      ready.resolve((count) => handle.update({ blocksSampled: count }));
      await finish.promise;
    });
    const update = await ready.promise;
    const before = events.length;
    for (let step = 0; step < 100; step += 1) {
      update(step);
      clock.advance(10);
    }
    assert.equal(events.length - before, 4);
    finish.resolve();
    await jobs.settled(id);
  });

  it('fails with the code that was thrown, and as cancelled after a cancel', async () => {
    const { jobs, clock } = setUp();
    const failed = jobs.start<CheckJob>(check, async () => {
      throw new BroadsideError('no-route', 'Nobody is there.');
    });
    assert.deepEqual((await jobs.settled(failed)).error, { code: 'no-route', message: 'Nobody is there.' });
    const defect = jobs.start<CheckJob>(check, async () => {
      throw new TypeError('x is not a function');
    });
    assert.equal((await jobs.settled(defect)).error?.code, 'unexpected');
    const cancelled = jobs.start<CheckJob>(
      check,
      (handle) =>
        new Promise((_, reject) => handle.signal.addEventListener('abort', () => reject(handle.signal.reason))),
    );
    await Promise.resolve();
    jobs.cancel(cancelled);
    const job = await jobs.settled(cancelled);
    assert.equal(job.state, 'cancelled');
    assert.equal(job.finishedMs, clock.now());
  });

  it('removes a field that is set to undefined, and amends a job that has ended', async () => {
    const { jobs, events } = setUp();
    const publish: NewJob<PublishJob> = {
      kind: 'publish',
      title: 't',
      stage: 'reading',
      k: 1,
      n: 1,
      class: 'updatable',
      fileCount: 1,
      sizeBytes: 1,
      sealedBytes: 0,
      blocksTotal: 0,
      blocksSent: 0,
      blocksRetried: 0,
      shares: [],
      fetchedBack: [],
      password: 'eight words',
    };
    const id = jobs.start<PublishJob>(publish, async (handle) => handle.update({ bytesPerSecond: 5, secondsLeft: 3 }));
    const ended = (await jobs.settled(id)) as PublishJob;
    assert.equal(ended.password, 'eight words');
    assert.equal('bytesPerSecond' in ended, false, 'what has ended has no rate');
    jobs.amend(id, { password: undefined });
    assert.equal('password' in jobs.get(id), false);
    assert.equal('password' in events.at(-1)!, false);
  });

  it('refuses more than it can run, and lets the oldest finished go', async () => {
    const { jobs, gone, clock } = setUp();
    const finish = Promise.withResolvers<void>();
    const first = Array.from({ length: MAX_RUNNING_JOBS }, () => jobs.start<CheckJob>(check, () => finish.promise));
    assert.throws(() => jobs.start<CheckJob>(check, async () => undefined), withCode('busy'));
    assert.throws(() => jobs.dismiss(first[0]!), withCode('busy'));
    finish.resolve();
    await Promise.all(first.map((id) => jobs.settled(id)));
    for (let index = 0; index < MAX_FINISHED_JOBS; index += 1) {
      clock.advance(1);
      await jobs.settled(jobs.start<CheckJob>(check, async () => undefined));
    }
    assert.equal(jobs.list().length, MAX_FINISHED_JOBS);
    assert.deepEqual(gone, first);
    assert.throws(() => jobs.get(first[0]!), withCode('not-found'));
    jobs.dismiss(jobs.list()[0]!.id);
    assert.equal(jobs.list().length, MAX_FINISHED_JOBS - 1);
  });

  it('cancels and waits for everything when closed', async () => {
    const { jobs } = setUp();
    const id = jobs.start<CheckJob>(
      check,
      (handle) =>
        new Promise((_, reject) => handle.signal.addEventListener('abort', () => reject(handle.signal.reason))),
    );
    await Promise.resolve();
    await jobs.close();
    assert.equal(jobs.get(id).state, 'cancelled');
    assert.throws(() => jobs.start<CheckJob>(check, async () => undefined), withCode('busy'));
  });
});

describe('rate', () => {
  it('says nothing until it knows, then the rate of the last seconds, then nothing again', () => {
    const clock = new ManualClock();
    const rate = new RateEstimator(clock);
    rate.note(0);
    assert.equal(rate.bytesPerSecond(), undefined);
    clock.advance(500);
    rate.note(500);
    assert.equal(rate.bytesPerSecond(), undefined, 'half a second is too little');
    for (let step = 0; step < 100; step += 1) {
      clock.advance(100);
      rate.note(500 + (step + 1) * 100);
    }
    assert.ok(Math.abs(rate.bytesPerSecond()! - 1_000) < 50);
    assert.ok(Math.abs(rate.estimate(5_000).secondsLeft! - 5) < 0.5);
    // Ten times slower: after the window only the new rate counts.
    for (let step = 0; step < 100; step += 1) {
      clock.advance(100);
      rate.note(10_500 + (step + 1) * 10);
    }
    assert.ok(Math.abs(rate.bytesPerSecond()! - 100) < 10, String(rate.bytesPerSecond()));
    clock.advance(20_000);
    assert.equal(rate.bytesPerSecond(), undefined);
    assert.deepEqual(rate.estimate(1), { bytesPerSecond: undefined, secondsLeft: undefined });
  });
});
