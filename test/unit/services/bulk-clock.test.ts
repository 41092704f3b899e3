/** Bulk messages go by a clock: at even distances, a little slower than the answers, whatever the answers do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BulkClock } from '../../../src-main/services/node/bulk-clock.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** A window of messages, each answered after `answerMs`; the times at which they went, from `fromMs` on. */
function run(clock: ManualClock, bulk: BulkClock, window: number, answerMs: number, forMs: number): number[] {
  const went: number[] = [];
  const endMs = clock.now() + forMs;
  const begin = (): void => {
    if (clock.now() >= endMs) return;
    bulk.wait(() => {
      went.push(clock.now());
      clock.after(answerMs, () => {
        bulk.ended();
        begin();
      });
    });
  };
  for (let place = 0; place < window; place += 1) begin();
  clock.advance(forMs + 10 * answerMs);
  return went;
}

const perSecond = (went: readonly number[], fromMs: number, toMs: number): number =>
  (went.filter((atMs) => atMs >= fromMs && atMs < toMs).length * 1_000) / (toMs - fromMs);

test('it comes within a fifth of what the answers would allow, from above and from below', () => {
  for (const [window, answerMs] of [
    [64, 1_000],
    [64, 150],
    [16, 400],
    [64, 40],
  ] as const) {
    const clock = new ManualClock();
    const startMs = clock.now();
    const went = run(clock, new BulkClock(clock), window, answerMs, 60_000);
    const allowed = (window * 1_000) / answerMs;
    const reached = perSecond(went, startMs + 20_000, startMs + 60_000);
    assert.ok(reached > 0.8 * allowed && reached <= allowed, `${reached} of ${allowed} a second`);
  }
});

test('once it is found, hardly a message goes because an answer came', () => {
  const clock = new ManualClock();
  const bulk = new BulkClock(clock);
  run(clock, bulk, 64, 640, 20_000);
  // Answers jitter; what goes out must not. At a rate below 100 a second messages stand at least a tick apart.
  const went: number[] = [];
  let direct = 0;
  const endMs = clock.now() + 40_000;
  let state = 1;
  const jitter = (): number => (state = (state * 48_271) % 2_147_483_647) % 300;
  const begin = (): void => {
    if (clock.now() >= endMs) return;
    const askedMs = clock.now();
    bulk.wait(() => {
      went.push(clock.now());
      if (clock.now() - askedMs <= 10) direct += 1;
      clock.after(500 + jitter(), () => {
        bulk.ended();
        begin();
      });
    });
  };
  for (let place = 0; place < 64; place += 1) begin();
  clock.advance(60_000);
  assert.ok(went.length > 2_800, `${went.length} messages`);
  assert.ok(direct < 0.06 * went.length, `${direct} of ${went.length} went with an answer`);
});

test('few messages under way on a slow network: the clock is found by the time that the second answers come', () => {
  const clock = new ManualClock();
  const bulk = new BulkClock(clock);
  let [direct, went] = [0, 0];
  const begin = (): void => {
    const askedMs = clock.now();
    if (went >= 400) return;
    bulk.wait(() => {
      went += 1;
      if (went > 32 && clock.now() - askedMs <= 10) direct += 1;
      clock.after(1_000, () => {
        bulk.ended();
        begin();
      });
    });
  };
  for (let place = 0; place < 16; place += 1) begin();
  clock.advance(60_000);
  assert.ok(went >= 400, `${went} messages in a minute`);
  assert.ok(direct < 60, `${direct} went with an answer`);
});

test('what is taken out does not go, and the clock stops when nothing waits or is under way', () => {
  const clock = new ManualClock();
  const bulk = new BulkClock(clock);
  let went = 0;
  const cancel = bulk.wait(() => (went += 1));
  cancel();
  bulk.wait(() => (went += 10));
  clock.advance(1_000);
  assert.equal(went, 10);
  assert.equal(clock.pendingTimers, 1, 'an answer is waited for');
  bulk.ended();
  clock.advance(20);
  assert.equal(clock.pendingTimers, 0);
  bulk.wait(() => (went += 100));
  clock.advance(20);
  assert.equal(went, 110);
});

test('small things one after the other are not slowed down by the end of each', () => {
  const clock = new ManualClock();
  const bulk = new BulkClock(clock);
  const tookMs: number[] = [];
  for (let thing = 0; thing < 20; thing += 1) {
    // 82 messages, as a publication of 1 MiB has, 16 under way at once, answered in 60 ms.
    const startMs = clock.now();
    let [left, answered] = [82, 0];
    let endMs = Number.NaN;
    const begin = (): void => {
      if (left === 0) return;
      left -= 1;
      bulk.wait(() => {
        clock.after(60, () => {
          bulk.ended();
          answered += 1;
          if (answered === 82) endMs = clock.now();
          begin();
        });
      });
    };
    for (let place = 0; place < 16; place += 1) begin();
    clock.advance(5_000);
    tookMs.push(endMs - startMs);
  }
  // Without a clock it were six rounds of 60 ms.
  assert.ok(Math.max(...tookMs) < 700, `${Math.max(...tookMs)} ms at worst`);
});

test('a way that takes few: nothing goes beyond its room, and it is as good as used up', () => {
  for (const [room, leastMs, jitterMs] of [
    [16, 700, 600],
    [24, 300, 200],
    [48, 300, 300],
  ] as const) {
    const clock = new ManualClock();
    const startMs = clock.now();
    let [underway, most, direct, freedMs] = [0, 0, 0, 0];
    const bulk = new BulkClock(clock, () => room - underway);
    const went: number[] = [];
    let state = 1;
    const jitter = (): number => (state = (state * 48_271) % 2_147_483_647) % jitterMs;
    const begin = (): void => {
      if (clock.now() >= startMs + 60_000) return;
      bulk.wait(() => {
        went.push(clock.now());
        if (clock.now() - freedMs <= 10) direct += 1;
        underway += 1;
        most = Math.max(most, underway);
        clock.after(leastMs + jitter(), () => {
          // Who goes by the next tick goes because this answer came.
          if (underway === room) freedMs = clock.now();
          underway -= 1;
          bulk.ended();
          begin();
        });
      });
    };
    // Four times as many want to go.
    for (let place = 0; place < 64; place += 1) begin();
    clock.advance(70_000);
    assert.ok(most <= room, `${most} of ${room} under way`);
    const [reached, allowed] = [
      perSecond(went, startMs + 20_000, startMs + 60_000),
      (room * 1_000) / (leastMs + jitterMs / 2),
    ];
    assert.ok(reached > 0.8 * allowed && reached <= 1.02 * allowed, `${reached} of ${allowed} a second`);
    assert.ok(direct < 0.1 * went.length, `${direct} of ${went.length} went because an answer came`);
  }
});

test('a way that is full for good: one at a time, which finds out how it ends', () => {
  const clock = new ManualClock();
  const bulk = new BulkClock(clock, () => 0);
  let went = 0;
  for (let place = 0; place < 8; place += 1) bulk.wait(() => (went += 1));
  clock.advance(5_000);
  assert.equal(went, 1);
  bulk.ended();
  clock.advance(5_000);
  assert.equal(went, 2);
});

test('answers that come in bursts do not slow it down to what came in the last of them', () => {
  const clock = new ManualClock();
  const startMs = clock.now();
  let underway = 0;
  const bulk = new BulkClock(clock, () => 24 - underway);
  let [answered, freeMs] = [0, 0];
  const begin = (): void => {
    bulk.wait(() => {
      underway += 1;
      // Twenty a second, told every 700 ms.
      freeMs = Math.max(freeMs, clock.now()) + 50;
      const toldMs = Math.ceil((freeMs + 400) / 700) * 700;
      clock.after(toldMs - clock.now(), () => {
        underway -= 1;
        answered += 1;
        bulk.ended();
        begin();
      });
    });
  };
  for (let place = 0; place < 64; place += 1) begin();
  clock.advance(60_000);
  const perSecondAnswered = (answered * 1_000) / (clock.now() - startMs);
  assert.ok(perSecondAnswered > 18.5, `${perSecondAnswered} of 20 a second`);
});
