import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FETCHES_A_HEDGE, FIRST_HEDGE_MS, Hedging, LEAST_HEDGE_MS } from '../../../src-main/services/read/hedging.ts';

const noted = (hedging: Hedging, times: readonly number[]): Hedging => {
  for (const timeMs of times) hedging.note(timeMs);
  return hedging;
};

test('a block may take as long as nineteen of twenty of the latest did', () => {
  const hedging = new Hedging();
  assert.equal(hedging.afterMs(), FIRST_HEDGE_MS);
  noted(
    hedging,
    Array.from({ length: 100 }, (_, index) => 1_000 + index),
  );
  assert.equal(hedging.afterMs(), 1_095);
  noted(
    hedging,
    Array.from({ length: 256 }, () => 10),
  );
  assert.equal(hedging.afterMs(), LEAST_HEDGE_MS, 'what was before is forgotten');
});

test('others are asked for once in twenty times, after the first few', () => {
  const hedging = new Hedging();
  const taken = (): number => {
    let count = 0;
    while (hedging.take(1)) count += 1;
    return count;
  };
  const first = taken();
  assert.ok(first >= 1 && first <= 5, String(first));
  noted(
    hedging,
    Array.from({ length: 3 * FETCHES_A_HEDGE + 1 }, () => 10),
  );
  assert.equal(taken(), 3);
  assert.equal(hedging.count, first + 3);
});

test('what costs many fetches waits until as many are saved', () => {
  const hedging = new Hedging();
  assert.equal(hedging.take(6), false, 'the first few are not so many');
  noted(
    hedging,
    Array.from({ length: 2 * FETCHES_A_HEDGE + 1 }, () => 10),
  );
  assert.equal(hedging.take(6), true);
  assert.equal(hedging.take(1), false);
});

test('a network that refuses is asked for nothing more until it answers again', () => {
  const hedging = new Hedging();
  hedging.refused();
  assert.equal(hedging.afterMs(), Number.POSITIVE_INFINITY);
  assert.equal(hedging.take(1), false);
  noted(
    hedging,
    Array.from({ length: FETCHES_A_HEDGE }, () => 10),
  );
  assert.equal(hedging.take(1), true);
  assert.equal(new Hedging(false).afterMs(), Number.POSITIVE_INFINITY);
});
