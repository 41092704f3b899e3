/** Writes share commits where that costs nobody more than a moment, and go at once where nobody else comes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GATHER_MS, MAX_GATHERED, WriteGatherer } from '../../../src-main/storage/sqlite/write-gatherer.ts';
import { ManualClock } from '../../support/manual-clock.ts';

function start() {
  const clock = new ManualClock();
  const gatherer = new WriteGatherer(
    () => clock.monotonicMs(),
    (delayMs, action) => clock.after(delayMs, action),
  );
  /** When each commit was, and the writes in it. */
  const commits = new Map<number, number>();
  const put = (done?: () => void): void =>
    gatherer.add(() => {
      commits.set(clock.now(), (commits.get(clock.now()) ?? 0) + 1);
      done?.();
    });
  return { clock, gatherer, commits, put };
}

test('what comes now and then, and the first of a burst, goes at once', () => {
  const { clock, gatherer, commits, put } = start();
  for (let write = 0; write < 10; write += 1) {
    put();
    clock.advance(200);
  }
  for (let write = 0; write < 8; write += 1) put();
  assert.equal(gatherer.size, 0);
  assert.equal(commits.size, 11);
});

test('sixty a second share commits, in their order, and none waits longer than it may', () => {
  const { clock, commits, put } = start();
  const waited: number[] = [];
  const order: number[] = [];
  for (let write = 0; write < 300; write += 1) {
    const cameMs = clock.now();
    put(() => {
      waited.push(clock.now() - cameMs);
      order.push(write);
    });
    clock.advance(write % 2 === 0 ? 10 : 23);
  }
  clock.advance(GATHER_MS);
  assert.deepEqual(order, [...order.keys()]);
  assert.equal(order.length, 300);
  assert.ok(Math.max(...waited) <= GATHER_MS, `${Math.max(...waited)} ms`);
  assert.ok(commits.size < 150, `${commits.size} commits`);
});

test('a full megabyte does not wait, and a flush lets all go', () => {
  const { clock, gatherer, put } = start();
  for (let write = 0; write < 100; write += 1) {
    put();
    clock.advance(1);
  }
  gatherer.flush();
  let went = 0;
  for (let write = 0; write < MAX_GATHERED; write += 1) put(() => (went += 1));
  assert.equal(went, MAX_GATHERED);
  put(() => (went += 1));
  assert.equal(went, MAX_GATHERED);
  gatherer.flush();
  assert.equal(went, MAX_GATHERED + 1);
  assert.equal(clock.pendingTimers, 0);
});

test('callers who wait for each write before the next do not wait for nothing', () => {
  for (const callers of [1, 4, 8]) {
    const { clock, put } = start();
    let ended = 0;
    const next = (): void => put(() => clock.after(2, () => ((ended += 1), next())));
    for (let caller = 0; caller < callers; caller += 1) next();
    clock.advance(10_000);
    // Each commit takes 2 ms here: at most so many were possible.
    assert.ok(ended > (callers * 5_000) / 30, `${callers} callers: ${ended}`);
  }
});
