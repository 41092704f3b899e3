/**
 * Clocks that jump: the one on the wall is set back a year, or forward; the machine sleeps for hours and all timers are due at once.
 * Nothing that should come back stays away, nothing comes as a storm, and nothing that is kept is taken for old.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { TokenBucket } from '../../../shared/base/token-bucket.ts';
import type { Keep, KeepJob, LibraryEntry } from '../../../shared/ipc/model.ts';
import { Rounds } from '../../../src-main/services/addresses/rounds.ts';
import { JobRegistry } from '../../../src-main/services/jobs/job-registry.ts';
import { RateEstimator } from '../../../src-main/services/jobs/rate.ts';
import { Keeping } from '../../../src-main/services/keep/keeping.ts';
import { Library } from '../../../src-main/services/library/library.ts';
import { PublishJournal } from '../../../src-main/services/publish/journal.ts';
import { UnfinishedPublications } from '../../../src-main/services/publish/unfinished.ts';
import { Settings } from '../../../src-main/services/settings/settings.ts';
import { createMemoryBlockStore } from '../../../src-main/storage/memory/block-store.ts';
import { KnownNodes } from '../../../src-main/transport/hyperswarm/known-nodes.ts';
import { EagerClock } from '../../support/eager-clock.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { MemoryLibraryStore, MemorySettingsStore } from '../../support/memory-stores.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { createWorld, crypto, pattern } from '../read/world.ts';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

/** Time that passes by itself, and a clock on the wall that somebody sets. */
class SetClock extends EagerClock {
  aheadMs = 2 * YEAR_MS;

  override now(): number {
    return super.now() + this.aheadMs;
  }
}

/** Time that stands still until told, which is also how a machine that slept finds it; and a clock on the wall. */
class SleepingClock extends ManualClock {
  aheadMs = 2 * YEAR_MS;

  override now(): number {
    return super.now() + this.aheadMs;
  }
}

describe('what is kept alive', () => {
  /** Virtual hours until a publication is looked after whose next look was set for `nextMs`. */
  async function hoursUntilLook(nextMs: (nowMs: number) => number, jump: (clock: SetClock) => void): Promise<number> {
    const world = createWorld();
    const clock = new SetClock();
    const built = world.publish({ files: { 'a.txt': pattern(500) } });
    const first = Promise.withResolvers<KeepJob>();
    const defects: unknown[] = [];
    const jobs = new JobRegistry({
      ...{ clock, newId: () => 'a', onGone: () => undefined, onDefect: (thrown) => defects.push(thrown) },
      onJob: (job) => {
        if (job.state !== 'running') first.resolve(job as KeepJob);
      },
    });
    const library = await Library.load(new MemoryLibraryStore(), () => undefined);
    const keep: Keep = { on: true, nextSegment: 0, nextMs: nextMs(clock.now()) };
    const entry: LibraryEntry = {
      ...{ link: built.text, origin: 'published', title: 'A', shape: 'file', type: 'text/plain', sizeBytes: 500 },
      ...{ edition: 1, class: 'updatable', k: 3, n: 10, atMs: 1, keep },
    };
    await library.put(entry);
    jump(clock);
    const startedMs = clock.monotonicMs();
    const keeping = new Keeping({
      ...{ ...world.deps, clock, kept: createMemoryBlockStore({ quotaBytes: 1e9 }), jobs, library },
      ...{ settings: await Settings.load(new MemorySettingsStore()), onDefect: (thrown) => defects.push(thrown) },
    });
    const job = await first.promise;
    const hours = (clock.monotonicMs() - startedMs) / HOUR_MS;
    const closing = keeping.close();
    await jobs.close();
    await closing;
    assert.deepEqual([job.state, defects], ['done', []]);
    return hours;
  }
  const tomorrow = (nowMs: number): number => nowMs + 24 * HOUR_MS;

  it('is looked after on the day it was to be', async () => {
    const hours = await hoursUntilLook(tomorrow, () => undefined);
    assert.ok(hours >= 24 && hours < 25, `${hours} hours`);
  });

  it('is looked after within the hour by who finds the clock a year further back', async () => {
    const hours = await hoursUntilLook(tomorrow, (clock) => (clock.aheadMs -= YEAR_MS));
    assert.ok(hours <= 1, `${hours} hours`);
  });

  it('is looked after at once where the clock is a year further on', async () => {
    const hours = await hoursUntilLook(tomorrow, (clock) => (clock.aheadMs += YEAR_MS));
    assert.ok(hours <= 1, `${hours} hours`);
  });
});

describe('a machine that slept', () => {
  it('does what fell due meanwhile one after the other, each once', async () => {
    const clock = new SleepingClock();
    const rounds = new Rounds({ clock, random: seededRandom(1), neighbours: () => 4, onDefect: assert.fail as never });
    const runs = new Map<number, number>();
    let [running, most] = [0, 0];
    for (let task = 0; task < 50; task += 1) {
      rounds.set(String(task), HOUR_MS, HOUR_MS, async () => {
        running += 1;
        most = Math.max(most, running);
        await turn();
        running -= 1;
        runs.set(task, (runs.get(task) ?? 0) + 1);
      });
    }
    // Ten hours in one step: monotonic clocks of some systems go on while they sleep.
    clock.advance(10 * HOUR_MS);
    for (let count = 0; count < 5; count += 1) await turn();
    assert.equal(runs.size, 1, 'one at the waking');
    for (let second = 0; second < 200; second += 1) {
      clock.advance(1_000);
      for (let count = 0; count < 3; count += 1) await turn();
    }
    assert.equal(most, 1);
    assert.equal(runs.size, 50, 'all have had their turn within some minutes');
    assert.ok(Math.max(...runs.values()) === 1, 'what was missed is not made up for');
    await rounds.close();
  });

  it('shows no speed of before, and no speed that never was', () => {
    const clock = new SleepingClock();
    const rate = new RateEstimator(clock);
    for (let second = 0; second < 5; second += 1) {
      rate.note(second * 1_000_000);
      clock.advance(1_000);
    }
    assert.ok(Math.abs(rate.bytesPerSecond()! - 1_000_000) < 300_000);
    clock.advance(8 * HOUR_MS);
    assert.equal(rate.bytesPerSecond(), undefined);
    rate.note(5_000_000);
    const after = rate.bytesPerSecond();
    assert.ok(after === undefined || (after >= 0 && after < 1_000_000), String(after));
  });

  it('has saved up no more than a limit lets it save', () => {
    const bucket = new TokenBucket(1_000_000, 0);
    bucket.take(5_000_000, 0);
    let taken = 0;
    for (; bucket.allows(8 * HOUR_MS); taken += 10_000) bucket.take(10_000, 8 * HOUR_MS);
    assert.ok(taken <= 200_000, `${taken} bytes at once`);
  });

  it('goes on with a job that runs', async () => {
    const clock = new SleepingClock();
    const seen: number[] = [];
    const jobs = new JobRegistry({
      ...{ clock, newId: () => 'a', onGone: () => undefined, onDefect: assert.fail as never },
      onJob: ({ startedMs, finishedMs }) => void seen.push((finishedMs ?? startedMs) - startedMs),
    });
    const woken = Promise.withResolvers<void>();
    const id = jobs.start(
      { kind: 'check', link: 'x', stage: 'asking', k: 1, n: 1, shares: [] } as never,
      () => woken.promise as never,
    );
    clock.advance(8 * HOUR_MS);
    // And somebody has set the clock back meanwhile.
    clock.aheadMs -= YEAR_MS;
    assert.equal(jobs.get(id).state, 'running');
    woken.resolve();
    for (let count = 0; count < 5; count += 1) await turn();
    assert.equal(jobs.get(id).state, 'done');
    await jobs.close();
  });
});

describe('a clock that was set', () => {
  it('back: known nodes are dialled still; forward: they are known still', () => {
    let wallMs = 2 * YEAR_MS;
    const known = new KnownNodes({ ownKeyHex: '', network: 'n', now: () => wallMs, random: () => 0.5 });
    const node = { publicKey: new Uint8Array(32).fill(1), host: '127.0.0.1', port: 1 };
    known.linked(node, true);
    known.failed('01'.repeat(32));
    wallMs -= YEAR_MS;
    assert.ok(known.pick(() => false) !== undefined, 'a rest that was set by a clock ahead is not waited for');
    wallMs += 3 * YEAR_MS;
    assert.ok(known.pick(() => false) !== undefined);
    const saved = JSON.parse(JSON.stringify(known)) as unknown;
    const again = new KnownNodes({ ownKeyHex: '', network: 'n', now: () => wallMs, random: () => 0.5 });
    again.load(saved);
    assert.equal(again.size, 1);
  });

  it('back: what was begun to be published is not taken for old', async (context) => {
    const directory = mkdtempSync(join(tmpdir(), 'broadside-clock-'));
    context.after(() => rmSync(directory, { recursive: true, force: true }));
    const key = new Uint8Array(32).fill(7);
    const deps = { crypto, random: seededRandom(1), key };
    const journal = await PublishJournal.create(deps, join(directory, '00aa00aa00aa00aa.journal'), {
      ...{ format: 1, startedMs: 1, title: 'A', sizeBytes: 5e6, blocksTotal: 200, needsPassword: false },
      request: { source: { kind: 'path', path: '/a' }, k: 3, n: 10, class: 'fixed' },
      ...{ contentKey: '05'.repeat(32), files: [] },
    });
    await journal.close();
    const clock = new ManualClock(Date.now() - YEAR_MS);
    const found = await UnfinishedPublications.load({ ...deps, directory, clock });
    assert.deepEqual(
      found.list().map(({ id }) => id),
      ['00aa00aa00aa00aa'],
    );
  });
});
